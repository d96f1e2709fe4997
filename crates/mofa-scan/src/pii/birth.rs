//! Dates of birth: a date of a plausible year after words that announce a birth.
//!
//! Forms: ISO 8601, day and month in either order with `/`, `.`, `-` or a blank, the month as a word
//! in seven languages, and `1980年5月3日`. Not matched: a date that no words announce, a year or an
//! age alone, and numbers in words.

use super::boundary::{digit, may_begin};
use super::builtin::personal::BIRTH;
use super::context::{List, WINDOW, announces_within};
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};

/// A date is not longer: `the 23rd of September, 1980` from its day on.
const MAX_BYTES: usize = 32;
/// How far before a date a word for a death makes it none of a birth, in bytes.
const DEATH: usize = 24;
/// The longest name of a month, in bytes.
const MAX_MONTH: usize = 12;

#[rustfmt::skip]
pub(super) static WORDS: List = List::new(3, &[
    "born ", "born:", "born,", "born;", "born(", "birth", "dob", "d.o.b", "bday", "b-day", "geboren", "geb.", "geburt", "née le",
    "né le", "naissance", "nacid", "nacimiento", "nacim", "fecha nac", "nato il", "nata il",
    "nascita", "nascid", "nascimento", "geboorte", "född", "født", "fødsel", "födelse", "urodzon",
    "urodzenia", "narozen", "syntynyt", "syntymä", "doğum", "рожд", "родился", "родилась",
    "生年月日", "出生",
]);

/// Names of months and what they are cut to, lower case: English, German, French, Spanish, Italian,
/// Portuguese and Dutch.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "jänner", "janvier", "janv", "enero", "ene", "gennaio", "gen", "janeiro", "januari"],
    &["february", "feb", "februar", "février", "févr", "febrero", "febbraio", "fevereiro", "februari"],
    &["march", "mar", "märz", "mars", "marzo", "março", "maart", "mrt", "mär"],
    &["april", "apr", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mayo", "maggio", "mag", "maio", "mei"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "giu", "junho"],
    &["july", "jul", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho"],
    &["august", "aug", "août", "agosto", "ago", "augustus"],
    &["september", "sep", "sept", "septembre", "septiembre", "settembre", "set", "setembro"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "ott", "outubro", "out"],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &["december", "dec", "dezember", "dez", "décembre", "déc", "diciembre", "dic", "dicembre", "dezembro"],
];

/// Looks for a date around the digits at `start`; `run` is how many there are.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if !matches!(run, 1 | 2 | 4 | 8) || !may_begin(text, start) {
        return;
    }
    let first = if run <= 2 { month_before(text, start).unwrap_or(start) } else { start };
    let is_cut = start + MAX_BYTES >= text.len();
    let found = date_end(text, start, run, first < start);
    if (found.is_some() || is_cut) && is_announced(pass, first) {
        pass.undecided_if_at_end(first, start + MAX_BYTES);
        if let Some(end) = found {
            pass.report(first, end, BIRTH, 0.85);
        }
    }
}

/// Whether words announce a birth at `start`, and no death, and no other year stands in between, nor
/// what is left of one that was taken out: `born [] - 17 June 2011`.
fn is_announced(pass: &mut Pass<'_, '_>, start: usize) -> bool {
    let text = pass.text();
    let head = text.get(start.saturating_sub(WINDOW)..start).unwrap_or_default();
    let is_year = |four: &[u8]| four.iter().all(u8::is_ascii_digit);
    let year = head.windows(4).rposition(is_year).map_or(0, |at| at + 4);
    let taken = head.windows(2).rposition(|two| two == b"[]").map_or(0, |at| at + 2);
    let past = year.max(taken);
    pass.is_announced(&WORDS, start, head.len() - past)
        && !announces_within(text, start, DEATH, &["died", "death", "deceased", "gestorben"])
        && !is_bound(text, start)
}

/// Whether a word right before the date makes it the bound of a time, as no birth is.
fn is_bound(text: &[u8], start: usize) -> bool {
    const BOUNDS: [&[u8]; 4] = [b" from ", b" since ", b" until ", b" till "];
    BOUNDS.iter().any(|bound| ends_with_ignore_case(text, start, bound))
}

/// The end of the date whose digits begin at `start`, a month before them or not.
fn date_end(text: &[u8], start: usize, run: usize, is_behind_month: bool) -> Option<usize> {
    let end = match run {
        8 => packed_end(text, start),
        4 => year_first_end(text, start),
        _ if is_behind_month => year_behind(text, ordinal_end(text, start + run)),
        _ => numeric_end(text, start, run).or_else(|| worded_end(text, start, run)),
    }?;
    let next = byte_at(text, end);
    let goes_on = is_word(next) && !is_word_after_date(text, end)
        || matches!(next, b'-' | b'/') && byte_at(text, end + 1).is_ascii_digit();
    (!goes_on).then_some(end)
}

/// ISO 8601 goes on with the time: `1980-05-03T00:00:00`.
fn is_word_after_date(text: &[u8], end: usize) -> bool {
    byte_at(text, end) == b'T' && byte_at(text, end + 1).is_ascii_digit()
}

/// `19800503`.
fn packed_end(text: &[u8], start: usize) -> Option<usize> {
    let (year, month, day) =
        (number(text, start, 4), number(text, start + 4, 2), number(text, start + 6, 2));
    (is_year(year) && is_month(month) && is_day(day)).then_some(start + 8)
}

/// `1980-05-03`, also with `/`, `.` or blanks, and `1980年5月3日`.
fn year_first_end(text: &[u8], start: usize) -> Option<usize> {
    is_year(number(text, start, 4)).then_some(())?;
    let marks: [&[u8]; 3] = match byte_at(text, start + 4) {
        b'-' => [b"-", b"-", b""],
        b'/' => [b"/", b"/", b""],
        b'.' => [b".", b".", b""],
        _ => ["年".as_bytes(), "月".as_bytes(), "日".as_bytes()],
    };
    let [first, second, last] = marks;
    let (month, at) = part(text, skip(text, start + 4, first)?)?;
    let (day, at) = part(text, skip(text, at, second)?)?;
    let end = skip(text, at, last)?;
    (is_month(month) && is_day(day)).then_some(end)
}

/// `03/05/1980`, `5.3.80`: day and month in either order.
fn numeric_end(text: &[u8], start: usize, run: usize) -> Option<usize> {
    let mark = byte_at(text, start + run);
    matches!(mark, b'/' | b'.' | b'-' | b' ').then_some(())?;
    let (second, at) = part(text, start + run + 1)?;
    let first = number(text, start, run);
    (byte_at(text, at) == mark).then_some(())?;
    let end = year_end(text, at + 1)?;
    (mark != b' ' || end == at + 5).then_some(())?;
    let is_ordered = is_day(first) && is_month(second) || is_month(first) && is_day(second);
    is_ordered.then_some(end)
}

/// `3 May 1980`, `3rd of May, 1980`, `3. Mai 1980`, `3-May-1980`, `3 de mayo de 1980`.
fn worded_end(text: &[u8], start: usize, run: usize) -> Option<usize> {
    is_day(number(text, start, run)).then_some(())?;
    let at = gap_end(text, ordinal_end(text, start + run));
    let at = skip(text, at, b"of ").or_else(|| skip(text, at, b"de ")).unwrap_or(at);
    let len = run_len(text, at, MAX_MONTH + 1, is_letter);
    is_month_name(text.get(at..at + len)?).then_some(())?;
    year_behind(text, at + len)
}

/// The end of the year that follows, over a comma, a stop, blanks or a `de`.
fn year_behind(text: &[u8], at: usize) -> Option<usize> {
    let next = gap_end(text, at);
    let next = skip(text, next, b"de ").or_else(|| skip(text, next, b"del ")).unwrap_or(next);
    (next > at).then_some(())?;
    year_end(text, next)
}

/// Four digits of a plausible year, or two.
fn year_end(text: &[u8], at: usize) -> Option<usize> {
    match run_len(text, at, 5, |b| b.is_ascii_digit()) {
        4 => is_year(number(text, at, 4)).then_some(at + 4),
        2 => Some(at + 2),
        _ => None,
    }
}

/// The start of the month whose name ends before the day at `start`.
fn month_before(text: &[u8], start: usize) -> Option<usize> {
    let gap = run_len_back(text, start, 3, |b| matches!(b, b' ' | b'.' | b'-'));
    let end = start - gap;
    let len = run_len_back(text, end, MAX_MONTH + 1, is_letter);
    let first = end - len;
    let is_named = gap > 0 && is_month_name(text.get(first..end)?);
    (is_named && !is_word(byte_before(text, first, 1))).then_some(first)
}

/// The start of a month at the end of the text whose day may follow.
pub(super) fn pending(text: &[u8]) -> Option<usize> {
    month_before(text, text.len())
}

fn is_month_name(word: &[u8]) -> bool {
    let Some(first) = word.first().map(u8::to_ascii_lowercase) else { return false };
    let is_name = |name: &str| {
        let lower = word.iter().map(u8::to_ascii_lowercase);
        name.len() == word.len()
            && name.as_bytes().first() == Some(&first)
            && name.bytes().eq(lower)
    };
    MONTHS.iter().any(|names| names.iter().any(|name| is_name(name)))
}

/// The end of `st`, `nd`, `rd`, `th` or an ordinal stop.
fn ordinal_end(text: &[u8], at: usize) -> usize {
    const ENDINGS: [&[u8]; 5] = [b"st", b"nd", b"rd", b"th", b"er"];
    let ending = ENDINGS.iter().find_map(|ending| skip(text, at, ending));
    ending.filter(|end| !is_word(byte_at(text, *end))).unwrap_or(at)
}

fn gap_end(text: &[u8], at: usize) -> usize {
    at + run_len(text, at, 3, |b| matches!(b, b' ' | b',' | b'.' | b'-' | b'/'))
}

/// One or two digits and where they end.
fn part(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let len = run_len(text, at, 3, |b| b.is_ascii_digit());
    matches!(len, 1 | 2).then(|| (number(text, at, len), at + len))
}

fn number(text: &[u8], at: usize, len: usize) -> u32 {
    let digits = text.get(at..at + len).unwrap_or_default();
    digits.iter().fold(0, |value, b| value * 10 + digit(*b))
}

fn skip(text: &[u8], at: usize, mark: &[u8]) -> Option<usize> {
    crate::bytes::literal_at(text, at, mark).then_some(at + mark.len())
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

const fn is_day(value: u32) -> bool {
    matches!(value, 1..=31)
}

const fn is_month(value: u32) -> bool {
    matches!(value, 1..=12)
}

/// The years in which somebody alive, or lately dead, may be born.
const fn is_year(value: u32) -> bool {
    matches!(value, 1880..=2035)
}
