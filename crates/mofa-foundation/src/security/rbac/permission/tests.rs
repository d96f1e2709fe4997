//! What covers what, and what is refused.

use super::*;

fn covers(wide: &str, narrow: &str) -> bool {
    Pattern::parse(wide).unwrap().covers(&Pattern::parse(narrow).unwrap())
}

#[test]
fn a_pattern_covers_what_is_no_wider() {
    for (wide, narrow) in [
        ("a:b", "a:b"),
        ("a:*", "a:b"),
        ("a:*", "a:b:c"),
        ("a:*", "a:*:c"),
        ("a:*", "a:*"),
        ("*", "a:*"),
        ("*", "*"),
        ("*:*", "*"),
        ("*", "*:*"),
        ("*:b", "a:b"),
        ("a:*:c", "a:b:c"),
        ("a:*:c", "a:*:c"),
        ("*:*:*", "a:b:*"),
    ] {
        assert!(covers(wide, narrow), "{wide} covers {narrow}");
    }
}

#[test]
fn a_pattern_does_not_cover_what_is_wider() {
    for (narrow, wide) in [
        ("a:b", "a:*"),
        ("a:b", "a:c"),
        ("a:b:*", "a:b"),
        ("a:b:*", "a:*"),
        ("a:*:c", "a:*"),
        ("a:*:c", "a:b:*"),
        ("a:*", "*:b"),
        ("a:*", "*"),
        ("*:*:*", "*"),
        ("*:*:*", "a:*"),
    ] {
        assert!(!covers(narrow, wide), "{narrow} does not cover {wide}");
    }
}

#[test]
fn queries_are_well_formed_or_not() {
    let fits = |action, resource| Query { action, resource }.is_well_formed();
    assert!(fits("read", "docs") && fits("read", "a:b:*") && fits("lesen", "größe"));
    for (action, resource) in
        [("", "x"), ("a:b", "x"), ("a", ""), ("a", ":x"), ("a", "x:"), ("a", "x y"), ("a\t", "x")]
    {
        assert!(!fits(action, resource), "{action:?} {resource:?}");
    }
    assert!(!fits("a", "x\u{2003}y") && !fits("a\u{7f}", "x") && !fits("a", "x\u{85}"));
}
