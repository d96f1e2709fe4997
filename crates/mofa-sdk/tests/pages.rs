//! Every page is one whose Rust is compiled, and none has Rust that is left out.

use std::fs;
use std::path::Path;

const PAGES: &str = include_str!("../src/pages.rs");

#[test]
fn the_rust_of_every_page_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = fs::read_dir(root.join("docs")).unwrap();
    let mut pages: Vec<_> = entries
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|page| Path::new(page).extension().is_some_and(|kind| kind == "md"))
        .collect();
    pages.push("README.md".to_owned());
    assert!(pages.len() > 2, "{pages:?}");
    for page in pages {
        assert!(PAGES.contains(&format!("include_str!(\"../../../{page}\")")), "{page}");
        let text = fs::read_to_string(root.join(&page)).unwrap();
        let fences = text.lines().filter(|line| line.trim_start().starts_with("```rust"));
        for fence in fences {
            assert!(["```rust", "```rust,no_run"].contains(&fence), "{page}: {fence}");
        }
    }
}
