//! For each property an engine that breaks it and nothing else: the contract must refuse it.

mod engines;
mod stores;

use super::*;
use engines::{Fake, Flaw};
use std::panic::{AssertUnwindSafe, catch_unwind};

const POSITIVE: &str = "a secret, and a secret again";
const GRANTED: [&str; 3] = ["agent-1", "read", "docs"];

/// Whether `contract` holds for an engine with `flaw`.
#[track_caller]
fn check(flaw: Flaw, contract: impl Fn(&Fake)) {
    let fake = Fake::new(flaw);
    let outcome = catch_unwind(AssertUnwindSafe(|| contract(&fake)));
    assert_eq!(outcome.is_ok(), flaw == Flaw::None, "{flaw:?}");
}

#[test]
fn detectors() {
    for flaw in [
        Flaw::None,
        Flaw::NotReady,
        Flaw::FindsNothing,
        Flaw::EmptySpan,
        Flaw::SpanOutside,
        Flaw::Overlap,
        Flaw::NoShare,
        Flaw::Forgetful,
        Flaw::NoTail,
        Flaw::TailTooLong,
    ] {
        check(flaw, |fake| pii_detector(fake, POSITIVE));
    }
}

#[test]
fn redactors() {
    let detector = Fake::new(Flaw::None);
    for flaw in [
        Flaw::None,
        Flaw::NotReady,
        Flaw::ChangesNothing,
        Flaw::TakesFirstOnly,
        Flaw::TakesAll,
        Flaw::FindsNothing,
        Flaw::Overlap,
    ] {
        check(flaw, |fake| pii_redactor(&detector, fake, POSITIVE));
    }
}

#[test]
fn moderators() {
    for flaw in [
        Flaw::None,
        Flaw::NotReady,
        Flaw::FindsNothing,
        Flaw::EmptySpan,
        Flaw::SpanOutside,
        Flaw::Harsher,
        Flaw::Milder,
        Flaw::Forgetful,
        Flaw::OtherForTenants,
        Flaw::NoTail,
        Flaw::TailTooLong,
    ] {
        check(flaw, |fake| content_moderator(fake, POSITIVE));
    }
}

#[test]
fn guards() {
    for flaw in [
        Flaw::None,
        Flaw::NotReady,
        Flaw::FindsNothing,
        Flaw::EmptySpan,
        Flaw::SpanOutside,
        Flaw::NoShare,
        Flaw::WeakestFirst,
        Flaw::Forgetful,
        Flaw::NoThreshold,
    ] {
        check(flaw, |fake| prompt_guard(fake, POSITIVE));
        check(flaw, |fake| prompt_guard_at(fake, 0.5, POSITIVE));
    }
    check(Flaw::OtherThreshold, |fake| prompt_guard_at(fake, 0.5, POSITIVE));
}

#[test]
fn authorizers() {
    for flaw in [
        Flaw::None,
        Flaw::NotReady,
        Flaw::DeniesAll,
        Flaw::AllowsAnySubject,
        Flaw::AllowsAnyAction,
        Flaw::AllowsAnyResource,
        Flaw::OtherForSubjects,
        Flaw::AllowsAnyRole,
        Flaw::Forgetful,
    ] {
        check(flaw, |fake| authorizer(fake, GRANTED));
    }
    for flaw in [Flaw::None, Flaw::OtherForTenants, Flaw::DeniesAll] {
        let elsewhere = TenantId::new("elsewhere").unwrap();
        check(flaw, |fake| authorizer_of_tenants(fake, GRANTED, &elsewhere));
    }
}

#[test]
fn changes() {
    check(Flaw::None, |fake| change_of_rules(fake, || fake.change()));
    check(Flaw::NotCounted, |fake| change_of_rules(fake, || fake.change()));
}

#[test]
fn sinks() {
    for flaw in
        [Flaw::None, Flaw::StoresNothing, Flaw::StoresTwice, Flaw::StoresLate, Flaw::NotReady]
    {
        check(flaw, |fake| audit_sink(fake, || fake.stored()));
    }
}
