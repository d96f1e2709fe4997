//! What of a document is whose: labels and omissions, collected while it is read.

use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{JsonRef, Label, Labelling, NodeKind, Skip};

/// The members of a content part whose text is encoded content or points to some.
const ENCODED: [&str; 5] = ["b64_json", "data", "file_data", "file_id", "image_data"];

/// Labels and omissions, by node.
#[derive(Debug, Default)]
pub(super) struct Marks {
    labels: Vec<(usize, Label)>,
    skips: Vec<(usize, Skip)>,
}

impl Marks {
    /// `value` and everything in it is `label`.
    pub(super) fn label(&mut self, value: JsonRef<'_>, label: Label) {
        self.labels.push((value.index(), label));
    }

    /// `value` is a name that something refers to, from whoever `label` says.
    pub(super) fn fixed(&mut self, value: JsonRef<'_>, label: &Label) {
        self.labels.push((value.index(), label.clone().fixed()));
    }

    /// The numbers in `value` are what the wire format says.
    pub(super) fn wire_number(&mut self, value: JsonRef<'_>) {
        self.skips.push((value.index(), Skip::WireNumber));
    }

    /// The names in a call of a tool: its id, its type and what is called.
    pub(super) fn tool_call(&mut self, call: JsonRef<'_>, label: &Label) {
        for (key, value) in call.entries() {
            match key.as_str().as_deref() {
                Some("id" | "type") => self.fixed(value, label),
                Some("function" | "custom") => {
                    if let Some(name) = value.get("name") {
                        self.fixed(name, label);
                    }
                }
                _ => {}
            }
        }
    }

    /// Finds content in `part` that is encoded, or that stands elsewhere under an id: images,
    /// sound, files. An address of the web is text like any other.
    pub(super) fn content_part(&mut self, part: JsonRef<'_>) {
        let mut open = vec![part];
        while let Some(value) = open.pop() {
            open.extend(value.elements());
            for (key, value) in value.entries() {
                if value.kind() != NodeKind::String {
                    open.push(value);
                } else if is_encoded(key, value) {
                    self.skips.push((value.index(), Skip::Opaque));
                }
            }
        }
    }

    /// Hands everything over.
    pub(super) fn apply(self, labelling: Labelling<'_>) -> Labelling<'_> {
        let labelling = self
            .labels
            .into_iter()
            .fold(labelling, |labelling, (index, label)| labelling.label(index, label));
        self.skips
            .into_iter()
            .fold(labelling, |labelling, (index, skip)| labelling.skip(index, skip))
    }
}

/// A text that says what to do with it only to the model.
pub(super) fn untrusted(provenance: Provenance) -> Label {
    Label::untrusted(provenance)
}

fn is_encoded(key: JsonRef<'_>, value: JsonRef<'_>) -> bool {
    let (Some(key), Some(text)) = (key.as_str(), value.as_str()) else { return false };
    if ENCODED.contains(&&*key) {
        return !text.is_empty();
    }
    let scheme = text.trim_start().get(..5);
    key != "text" && scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}
