//! Checks of `Cargo.toml` files; called by `tidy`.

use super::Report;
use super::tree::Tree;

/// Every crate says in one sentence what it is.
pub(super) fn description(tree: &Tree, report: &mut Report) {
    let manifests = tree
        .texts()
        .filter(|(file, _)| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml"));
    for (file, text) in manifests {
        let manifest: toml::Table = match text.parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                report.refuse(file, 1, format!("not TOML: {}", error.message()));
                continue;
            }
        };
        let Some(package) = manifest.get("package") else { continue };
        let described = package
            .get("description")
            .and_then(toml::Value::as_str)
            .is_some_and(|description| !description.trim().is_empty());
        if !described {
            report.refuse(file, 1, "the crate has no description");
        }
    }
}
