//! The file of a model: a header, then one weight of a byte for each bucket.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | `MOFACLS` and the version, 1 |
//! | 8..12 | the number of buckets is 2 to this power |
//! | 12..16 | what a weight of 1 is worth |
//! | 16..20 | the bias |
//! | 20..24, 24..28 | slope and offset of the calibration |
//! | 28..60 | SHA-256 of all the rest |
//! | 60.. | the weights |
//!
//! Numbers are little-endian; the last four are 32-bit floats. Written by the training, read by
//! [`Classifier::new`](super::Classifier::new).
//!
//! # Failure
//! A file that is cut short, changed or of another version is a [`ModelError`].

use sha2::{Digest as _, Sha256};
use thiserror::Error;

const MAGIC: [u8; 8] = *b"MOFACLS\x01";
const HEADER: usize = 28;
const SUM: usize = 32;
/// More buckets than this make a file of more than 2 MiB.
const MAX_BITS: u32 = 21;

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// It does not begin as a model of this version.
    #[error("not a model of version 1; train it again with `cargo xtask train`")]
    Version,
    /// The header says more or fewer weights than there are, or more than are allowed.
    #[error("a model of {bytes} bytes cannot have 2^{bits} weights")]
    Size {
        /// The bytes there are.
        bytes: usize,
        /// What the header says.
        bits: u32,
    },
    /// A byte was changed.
    #[error("the checksum of the model is wrong; get the file again")]
    Checksum,
    /// A number of the header is not finite.
    #[error("a number in the header of the model is not finite")]
    Number,
}

/// The numbers of a model beside its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// There are 2 to this power buckets.
    pub bits: u32,
    /// What a weight of 1 is worth.
    pub scale: f32,
    /// The logit of a window without features.
    pub bias: f32,
    /// `probability = 1 / (1 + exp(-(slope * logit + offset)))`.
    pub slope: f32,
    /// See [`slope`](Self::slope).
    pub offset: f32,
}

impl Parameters {
    /// The calibrated probability of a logit.
    #[must_use]
    pub fn probability(&self, logit: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * logit + self.offset)).exp())
    }

    fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let numbers = [self.scale, self.bias, self.slope, self.offset].map(f32::to_le_bytes);
        let parts =
            MAGIC.into_iter().chain(self.bits.to_le_bytes()).chain(numbers.into_iter().flatten());
        for (slot, byte) in header.iter_mut().zip(parts) {
            *slot = byte;
        }
        header
    }
}

/// The bytes of the file of a model.
#[must_use]
pub fn write(parameters: &Parameters, weights: &[i8]) -> Vec<u8> {
    let header = parameters.header();
    let body: Vec<u8> = weights.iter().map(|weight| weight.cast_unsigned()).collect();
    let sum = checksum(&header, &body);
    [header.as_slice(), sum.as_slice(), body.as_slice()].concat()
}

fn checksum(header: &[u8], body: &[u8]) -> [u8; SUM] {
    Sha256::new().chain_update(header).chain_update(body).finalize().into()
}

/// A model that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model {
    pub(super) parameters: Parameters,
    weights: &'static [u8],
    shift: u32,
}

impl Model {
    pub(super) fn read(bytes: &'static [u8]) -> Result<Self, ModelError> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(ModelError::Version)?;
        if !header.starts_with(&MAGIC) {
            return Err(ModelError::Version);
        }
        let (sum, weights) = rest.split_first_chunk::<SUM>().ok_or(ModelError::Version)?;
        let number = |index: usize| -> [u8; 4] {
            let at = MAGIC.len() + 4 * index;
            header.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
        };
        let bits = u32::from_le_bytes(number(0));
        let float = |index| Some(f32::from_le_bytes(number(index))).filter(|n| n.is_finite());
        if !(1..=MAX_BITS).contains(&bits) || weights.len() != 1 << bits {
            return Err(ModelError::Size { bytes: bytes.len(), bits });
        }
        if checksum(header, weights) != *sum {
            return Err(ModelError::Checksum);
        }
        let parameters = Parameters {
            bits,
            scale: float(1).ok_or(ModelError::Number)?,
            bias: float(2).ok_or(ModelError::Number)?,
            slope: float(3).ok_or(ModelError::Number)?,
            offset: float(4).ok_or(ModelError::Number)?,
        };
        Ok(Self { parameters, weights, shift: u64::BITS - bits })
    }

    /// The weight of the bucket of `hash`.
    #[inline]
    pub(super) fn weight(&self, hash: u64) -> i8 {
        let bucket = usize::try_from(hash >> self.shift).unwrap_or(0);
        self.weights.get(bucket).map_or(0, |byte| byte.cast_signed())
    }

    /// The logit of a window.
    pub(super) fn logit(&self, weights: i32, count: u32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a window has a few thousand features")]
        let sum = weights as f32 * self.parameters.scale;
        self.parameters.bias + sum / root(count)
    }

    /// What a single weight adds to the logit of a window with `count` features.
    pub(super) fn share(&self, weight: i8, count: u32) -> f32 {
        f32::from(weight) * self.parameters.scale / root(count)
    }
}

/// By what the sum over so many features is divided.
#[must_use]
pub fn root(count: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a window has a few thousand features")]
    let count = count.max(1) as f32;
    count.sqrt()
}
