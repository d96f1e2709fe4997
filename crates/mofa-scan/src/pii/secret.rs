//! Credentials: keys with a provider's prefix, tokens, private key blocks, assignments, and
//! credentials in addresses.
//!
//! The rules are data, `rules/secrets/*.toml`; the build compiles them into [`table`]. The sweep
//! asks at every long token which of them it is. What `:`, `=` and `$` give away is written by
//! hand.
//!
//! # Invariants
//!
//! A pattern runs once at each place where it may begin and reads at most what it can take, so a
//! text takes time linear in its length, whatever it holds.

mod assignment;
mod bare;
mod call;
mod check;
mod command;
mod hash;
mod login;
mod named;
mod password_hash;
mod pem;
mod prefixed;
mod program;
mod spoken;
mod sweep;
#[expect(clippy::unreadable_literal, reason = "the build writes the numbers, nobody reads them")]
mod table;
mod token;
mod url;
mod value;

pub(super) use sweep::is_token;
pub(super) use table::FINGERPRINT;

use std::sync::LazyLock;

use super::builtin::{self, Category, Enabled};
use super::pass::Pass;
use crate::{Rule, RuleId};

/// How many rules there are.
#[expect(clippy::cast_possible_truncation, reason = "checked where checks are")]
pub(super) const COUNT: u16 = table::RULES.len() as u16;

/// The rules, in the order of their numbers.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    table::RULES.iter()
}

/// Whether a rule's own prefix gives its key away: not a name before it, as in an assignment.
pub(super) fn has_prefix(rule: RuleId) -> bool {
    let number = rule.0.wrapping_sub(builtin::SECRETS);
    PREFIXED.get(usize::from(number)) == Some(&true)
}

/// Whether a key that its own prefix gives away may begin with these four bytes.
pub(super) fn begins_key(four: [u8; 4]) -> bool {
    prefixed::is_prefix(four) || four.starts_with(b"eyJ")
}

/// The rules whose own prefix gives them away.
static PREFIXED: LazyLock<Vec<bool>> = LazyLock::new(|| (0..COUNT).map(is_prefixed).collect());

fn is_prefixed(number: u16) -> bool {
    let is_own = |shapes: &[u16]| {
        let mut shapes = shapes.iter().filter_map(|shape| table::SHAPES.get(usize::from(*shape)));
        shapes.any(|shape| shape.rule == number)
    };
    matches!(number, table::JWT | table::PRIVATE_KEY)
        || table::PREFIXES.iter().any(|(_, shapes)| is_own(shapes))
}

/// Looks for what no trigger gives away: long tokens, and the word `password`.
pub(super) fn sweep(pass: &mut Pass<'_, '_>) {
    sweep::sweep(pass);
    spoken::sweep(pass);
}

/// The id of the rule at a position of the table.
const fn rule(number: u16) -> RuleId {
    RuleId(builtin::SECRETS + number)
}

/// Whether `byte` is the trigger of a credential that the sweep does not look for.
pub(super) const fn is_trigger(byte: u8, enabled: Enabled) -> bool {
    match byte {
        b':' => enabled.has(Category::ApiKey) || enabled.has(Category::UrlCredentials),
        b'=' | b'$' | b'-' | b'(' => enabled.has(Category::ApiKey),
        _ => false,
    }
}

/// Looks for credentials around the trigger at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let enabled = pass.settings().enabled;
    let trigger = pass.text().get(at);
    match trigger {
        Some(b'$') => return password_hash::probe(pass, at),
        Some(b'(') => return call::probe_call(pass, at),
        Some(b'-') => return call::probe_option(pass, at),
        _ => {}
    }
    if trigger == Some(&b':') && enabled.has(Category::UrlCredentials) {
        url::probe(pass, at);
    }
    if enabled.has(Category::ApiKey) {
        assignment::probe(pass, at);
        if trigger == Some(&b':') {
            command::probe_user(pass, at);
            command::probe_bot(pass, at);
        }
    }
}

/// The start of a secret's name at the end of the text, if its `=` or `:` may still follow.
pub(super) fn pending_name(text: &[u8]) -> Option<usize> {
    assignment::name_before(text, text.len())
}
