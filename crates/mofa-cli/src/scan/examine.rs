//! Looks at files, blobs and what is in archives, and says what became of each: [`Examiner`].
//!
//! # Invariants
//! What has findings, is not looked at, or is named in the baseline is listed; the rest is counted,
//! so that an archive with many clean files takes no memory for them.

use super::accept::Acceptance;
use super::archive::{Limits, Opener, Visitor};
use super::decode::Decoded;
use super::locate::{Located, locate};
use super::origin::Origin;
use super::read::{self, Content, Skip, read};
use super::walk::Walked;
use crate::error::CliError;
use crate::output::escaped;
use mofa_sdk::scan::TextScanner;
use std::path::PathBuf;

/// What became of something.
pub(super) enum Scanned {
    Findings(Origin, Vec<Located>),
    Skipped(Origin, Skip),
    Failed(String),
}

/// What became of a file and of everything in it.
#[derive(Default)]
pub(super) struct Examined {
    /// How many were looked at and are not listed.
    pub(super) clean: usize,
    /// How many are no text and are not listed.
    pub(super) binary: usize,
    pub(super) listed: Vec<Scanned>,
}

/// Looks at things in one way.
pub(super) struct Examiner<'a> {
    pub(super) scanner: &'a TextScanner,
    pub(super) acceptance: &'a Acceptance,
    /// What archives may cost, if they are opened.
    pub(super) archives: Option<Limits>,
    /// The largest file, in bytes.
    pub(super) limit: u64,
    pub(super) with_values: bool,
}

impl Examiner<'_> {
    /// What is in a file that was found.
    pub(super) fn file(&self, walked: Walked) -> Examined {
        let mut examined = Examined::default();
        match walked {
            Ok(path) => self.path(path, &mut examined),
            Err(error) => examined.listed.push(Scanned::Failed(escaped(&error.to_string()))),
        }
        examined
    }

    fn path(&self, path: PathBuf, examined: &mut Examined) {
        match read(&path, self.limit, self.archives.is_some()) {
            Ok(content) => self.content(Origin::file(path), content, examined),
            Err(source) => {
                let error = CliError::Read { path, source };
                examined.listed.push(Scanned::Failed(escaped(&error.to_string())));
            }
        }
    }

    /// What is in `bytes`.
    pub(super) fn bytes(&self, origin: Origin, bytes: Vec<u8>, examined: &mut Examined) {
        self.content(origin, read::content(bytes, self.archives.is_some()), examined);
    }

    fn content(&self, origin: Origin, content: Content, examined: &mut Examined) {
        match (content, &self.archives) {
            (Content::Text(decoded), _) => self.text(origin, &decoded, examined),
            (Content::Archive(kind, bytes), Some(limits)) => {
                let mut members = Members { examiner: self, examined };
                Opener::new(limits, bytes.len(), &mut members).open(&origin, kind, &bytes, 1);
            }
            (Content::Archive(..), None) => {
                examined.listed.push(Scanned::Skipped(origin, Skip::Binary));
            }
            (Content::Skipped(skip), _) => examined.listed.push(Scanned::Skipped(origin, skip)),
        }
    }

    fn text(&self, origin: Origin, decoded: &Decoded, examined: &mut Examined) {
        match self.scanner.scan(decoded.text()) {
            Ok(report) => {
                let found =
                    locate(&origin, decoded, report.findings, self.acceptance, self.with_values);
                let is_known =
                    self.acceptance.baseline().is_some_and(|b| b.path(&origin).is_some());
                if found.is_empty() && !is_known {
                    examined.clean += 1;
                } else {
                    examined.listed.push(Scanned::Findings(origin, found));
                }
            }
            Err(error) => {
                let name = escaped(&origin.name());
                examined.listed.push(Scanned::Failed(format!("`{name}`: {error}")));
            }
        }
    }
}

/// Takes what is in an archive.
struct Members<'a, 'b> {
    examiner: &'a Examiner<'b>,
    examined: &'a mut Examined,
}

impl Visitor for Members<'_, '_> {
    fn entry(&mut self, origin: Origin, bytes: Vec<u8>) {
        match read::content(bytes, false) {
            Content::Text(decoded) => self.examiner.text(origin, &decoded, self.examined),
            Content::Archive(..) | Content::Skipped(_) => self.examined.binary += 1,
        }
    }

    fn unread(&mut self, origin: &Origin, why: &str) {
        let name = escaped(&origin.name());
        let message = format!("`{name}` is not scanned, or not to its end: {why}");
        self.examined.listed.push(Scanned::Failed(message));
    }

    fn too_large(&mut self, origin: Origin) {
        self.examined.listed.push(Scanned::Skipped(origin, Skip::TooLarge));
    }
}
