//! Phone numbers as they are written in their own country, for the regions the caller chose.
//!
//! A number is as sure as its writing: words before it, a trunk prefix, groups, or nothing.

use super::group_start;
use super::plan::{PLANS, Plan};
use crate::bytes::{byte_at, byte_before, is_word, run_len, run_len_back};
use crate::pii::boundary::{digit, in_row};
use crate::pii::builtin::personal::PHONE_NATIONAL;
use crate::pii::context::{Endings, List};
use crate::pii::digits::Digits;
use crate::pii::pass::Pass;

/// A trunk prefix and the longest national number behind it.
const MAX_DIGITS: usize = 17;
const MAX_BYTES: usize = 40;
const MAX_GROUPS: usize = 8;
/// Fewer digits are no number that anybody is reached by from afar.
const MIN_DIGITS: usize = 5;

/// How far before a number its words may stand, in bytes.
const NEAR: usize = 48;

#[rustfmt::skip]
pub(in crate::pii) static WORDS: List = List::new(4, &[
    "phone", "tel", "call", "mobile", "mob", "cell", "fax", "whatsapp", "sms", "dial", "ring",
    "contact", "hotline", "reach", "handy", "rufnummer", "téléphone", "telefon", "telefoon",
    "portable", "appel", "móvil", "movil", "celular", "teléfono", "llam", "telemóvel", "ligue",
    "cellulare", "gsm", "mobiel", "puhelin", "komórk", "cep", "тел", "моб", "电话", "手机", "電話",
    "携帯", "전화", "โทร",
]);

/// The plans of the chosen regions, put together.
#[derive(Debug, Clone, Default)]
pub(in crate::pii) struct Regions {
    names: Vec<&'static str>,
    trunks: Vec<Trunk>,
}

/// The lengths of national numbers behind one trunk prefix, by their first two digits.
#[derive(Debug, Clone)]
struct Trunk {
    prefix: &'static [u8],
    lengths: Box<[u16; 100]>,
}

impl Regions {
    /// The plans of the regions with these codes (ISO 3166-1); those without one have none.
    pub(in crate::pii) fn of(codes: &[&str]) -> Self {
        Self::which(&|region| codes.contains(&region))
    }

    /// The plans of every region.
    pub(in crate::pii) fn all() -> Self {
        Self::which(&|_| true)
    }

    fn which(is_chosen: &dyn Fn(&str) -> bool) -> Self {
        let mut regions = Self::default();
        for plan in &PLANS {
            let before = regions.names.len();
            regions.names.extend(plan.regions.iter().copied().filter(|region| is_chosen(region)));
            if regions.names.len() > before {
                regions.add(plan);
            }
        }
        regions.names.sort_unstable();
        regions.names.dedup();
        regions
    }

    /// The chosen regions, sorted.
    pub(in crate::pii) fn names(&self) -> &[&'static str] {
        &self.names
    }

    fn add(&mut self, plan: &'static Plan) {
        if !self.trunks.iter().any(|trunk| trunk.prefix == plan.trunk) {
            self.trunks.push(Trunk { prefix: plan.trunk, lengths: Box::new([0; 100]) });
        }
        let own = self.trunks.iter_mut().filter(|trunk| trunk.prefix == plan.trunk);
        for (slot, lead) in own.flat_map(|trunk| trunk.lengths.iter_mut()).zip(0..) {
            *slot |= plan.lengths(lead);
        }
    }

    /// Whether `digits` are a number of a chosen region; the value tells if a trunk prefix is there.
    fn read(&self, digits: &[u8]) -> Option<bool> {
        let fits = |trunk: &Trunk, digits: &[u8]| {
            let lead = digits.iter().take(2).fold(0, |value, b| value * 10 + digit(*b));
            let lengths = trunk.lengths.get(lead as usize).copied().unwrap_or(0);
            digits.len() < 16 && lengths >> digits.len() & 1 != 0
        };
        let behind = |trunk: &&Trunk| {
            let rest = digits.strip_prefix(trunk.prefix).filter(|_| !trunk.prefix.is_empty());
            rest.is_some_and(|rest| fits(trunk, rest))
        };
        if self.trunks.iter().any(|trunk| behind(&trunk)) {
            return Some(true);
        }
        self.trunks.iter().any(|trunk| fits(trunk, digits)).then_some(false)
    }
}

/// Looks for a number that begins at `start` with a digit or a parenthesis.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    // Inside a row of numbers, or behind another group of the same one.
    let is_behind = matches!(byte_before(text, start, 1), b' ' | b'(')
        && byte_before(text, start, 2).is_ascii_digit();
    if is_behind {
        return;
    }
    probe_announced(pass, start);
    let Some(regions) = pass.regions() else { return };
    let mut number = Digits::<MAX_DIGITS>::new();
    let mut at = start + usize::from(byte_at(text, start) == b'(');
    let mut groups = 0;
    let mut singles = 0;
    let mut best = None;
    while at < start + MAX_BYTES
        && groups < MAX_GROUPS
        && let Some(end) = number.take_group(text, at, 1)
    {
        // A trunk prefix may stand alone, and one digit more; a list of numbers is no number.
        singles += usize::from(end == at + 1 && groups > 0);
        if singles > 1 {
            break;
        }
        at = end;
        groups += 1;
        let digits = number.as_slice();
        if digits.len() >= MIN_DIGITS
            && super::may_end(text, at)
            && let Some(has_trunk) = regions.read(digits)
        {
            best = Some(Found { end: at, digits: digits.len(), groups, has_trunk });
        }
        match group_start(text, at) {
            Some(next) => at = next,
            None => break,
        }
    }
    // Two groups with a stop between them are a decimal fraction; one digit and a stop begin a
    // version.
    let first = run_len(text, start, MAX_DIGITS, |b| b.is_ascii_digit());
    let has_stop = byte_at(text, start + first) == b'.';
    let is_other = |found: &Found| has_stop && (found.groups == 2 || first == 1);
    let is_counting = text.get(start..).is_some_and(|rest| rest.starts_with(b"0123456789"));
    if let Some(found) = best.filter(|found| !is_other(found) && !is_counting) {
        let confidence = confidence(pass, start, &found);
        pass.report(start, found.end, PHONE_NATIONAL, confidence);
    }
}

/// What directly announces a number of an unknown plan, at most [`DIRECT`] bytes before it.
#[rustfmt::skip]
pub(in crate::pii) static DIRECT_WORDS: List = List::new(5, &[
    "phone:", "phone number", "phone no", "phone is", "telephone", "tel:", "tel.", "tel ", "call ",
    "answering", "reach me", "fax:", "fax ", "mobile:", "mobile number", "mobile no", "cell:",
    "cell phone", "whatsapp", "telefon", "téléphone", "teléfono", "电话",
]);
const DIRECT: usize = 24;

/// What a telephone is called. Right before a number they announce one in a single group, too.
#[rustfmt::skip]
static NOUNS: Endings = Endings::new(&[
    b"phone", b"telephone", b"tel", b"mobile", b"mob", b"cell", b"cellphone", b"fax", b"whatsapp",
    b"handy", b"gsm", b"telefon", b"telefono", b"telefone", "teléfono".as_bytes(),
    "téléphone".as_bytes(), b"telephone", "tél".as_bytes(), b"tfno", "móvil".as_bytes(), b"movil",
    b"celular", b"portable", b"cellulare", b"telefoon", b"mobiel", "telemóvel".as_bytes(),
    "тел".as_bytes(), "телефон".as_bytes(), "моб".as_bytes(),
]);
/// What may stand between such a word and its number.
static BETWEEN: Endings = Endings::new(&[
    b" number",
    b" no",
    b" nr",
    b" is",
    b"'s",
    b" number is",
    b" est",
    b" ist",
    b" es",
]);

/// Whether one of [`NOUNS`] stands right before `start`, with nothing but [`BETWEEN`] and marks.
fn is_named(text: &[u8], start: usize) -> bool {
    let is_gap = |b| matches!(b, b' ' | b':' | b'.' | b'#' | b'=' | b'"' | b'\'' | b'(');
    let gap = run_len_back(text, start, 4, is_gap);
    let end = start - gap;
    let begins_word = |at: usize| {
        let before = byte_before(text, at, 1);
        !before.is_ascii_alphanumeric() && before < 0x80
    };
    let is_noun = |end: usize| NOUNS.find(text, end, begins_word).is_some();
    let last = byte_before(text, end, 1);
    gap > 0
        && (last.is_ascii_alphabetic() || last >= 0x80)
        && (is_noun(end) || BETWEEN.find(text, end, is_noun).is_some())
}

/// A number of any plan that words directly announce; in one group if nothing stands between.
fn probe_announced(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let mut number = Digits::<MAX_DIGITS>::new();
    let mut at = start + usize::from(byte_at(text, start) == b'(');
    let mut groups = 0;
    while let Some(end) = number
        .take_group(text, at, 2)
        .filter(|end| end - at <= 8 || (9..=12).contains(&(end - at)) && groups == 0)
    {
        groups += 1;
        let digits = number.as_slice().len();
        match group_start(text, end) {
            Some(next) if next - end <= 2 && digits < 12 => at = next,
            _ => {
                let fits = groups >= 2 && (7..=12).contains(&digits) && !is_date(text, start);
                let is_whole = super::may_end(text, end) && !in_row(text, start, end);
                let is_full = (9..=12).contains(&digits) && (fits || groups == 1);
                if is_whole
                    && (fits && pass.is_announced(&DIRECT_WORDS, start, DIRECT)
                        || is_full && is_named(text, start))
                {
                    pass.report(start, end, PHONE_NATIONAL, 0.55);
                }
                return;
            }
        }
    }
}

/// Whether a year begins at `start` and something goes on behind it: `2024-01-15`, `2019 2020`.
fn is_date(text: &[u8], start: usize) -> bool {
    let is_year = matches!(text.get(start..start + 2), Some(b"19" | b"20"));
    is_year && !byte_at(text, start + 4).is_ascii_digit()
}

struct Found {
    end: usize,
    digits: usize,
    groups: usize,
    has_trunk: bool,
}

fn confidence(pass: &mut Pass<'_, '_>, start: usize, found: &Found) -> f32 {
    let text = pass.text();
    if pass.is_announced(&WORDS, start, NEAR) {
        return 0.8;
    }
    let is_alone = start == 0 && found.end == text.len();
    let is_priced = matches!(byte_before_word(text, start), b'#' | b'$');
    let is_clock =
        byte_at(text, found.end) == b':' && byte_at(text, found.end + 1).is_ascii_digit();
    let row = in_row(text, start, found.end) || is_clock || is_date(text, start);
    match found {
        _ if is_priced || (row && found.groups > 1) => 0.3,
        Found { has_trunk: true, digits: 9.., .. } => 0.6,
        Found { digits: 9.., groups: 3..=5, .. } => 0.5,
        _ if is_alone => 0.5,
        _ => 0.3,
    }
}

fn byte_before_word(text: &[u8], start: usize) -> u8 {
    let before = byte_before(text, start, 1);
    if is_word(before) { 0 } else { before }
}
