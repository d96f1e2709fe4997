//! What of a document is whose: labels and omissions, collected while it is read.

use super::vocabulary::is_word;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{JsonRef, Label, Labelling, NodeKind, Skip};

/// The members of a content part whose text is encoded content or points to some.
const ENCODED: [&str; 5] = ["b64_json", "data", "file_data", "file_id", "image_data"];

/// The members of a content part that say where content stands which no stage sees.
const ADDRESSES: [&str; 8] =
    ["audio_url", "file", "file_url", "image", "image_url", "input_audio", "video", "video_url"];

/// What the type of such a part has in its name.
const MEDIA: [&str; 5] = ["audio", "document", "file", "image", "video"];

/// Labels and omissions, by node.
#[derive(Debug, Default)]
pub(super) struct Marks {
    labels: Vec<(usize, Label)>,
    skips: Vec<(usize, Skip)>,
    joined: Vec<Vec<Vec<usize>>>,
}

/// Texts that are read one after another, in rows. One alone is read with none, and takes no room.
#[derive(Debug, Default)]
pub(super) struct Reading {
    first: Option<usize>,
    rows: Vec<Vec<usize>>,
}

impl Reading {
    /// Goes on with the text of `content`, or the texts of its parts: in a new row, unless it is
    /// `in_a_row` with what was read before.
    pub(super) fn content(&mut self, content: JsonRef<'_>, mut in_a_row: bool) {
        let parts = content.elements().flat_map(JsonRef::entries).filter_map(|(key, value)| {
            matches!(key.as_str().as_deref(), Some("text" | "refusal")).then_some(value)
        });
        let texts = [content].into_iter().chain(parts);
        for text in texts.filter(|text| text.kind() == NodeKind::String) {
            self.text(text.index(), in_a_row);
            in_a_row = true;
        }
    }

    fn text(&mut self, text: usize, in_a_row: bool) {
        let Some(first) = self.first else {
            self.first = Some(text);
            return;
        };
        if self.rows.is_empty() {
            self.rows.push(vec![first]);
        }
        match self.rows.last_mut() {
            Some(row) if in_a_row => row.push(text),
            _ => self.rows.push(vec![text]),
        }
    }
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

    /// Somebody reads `texts` one after another.
    pub(super) fn joined(&mut self, texts: Reading) {
        if !texts.rows.is_empty() {
            self.joined.push(texts.rows);
        }
    }

    /// `value` is an id that the server made up.
    pub(super) fn wire_id(&mut self, value: JsonRef<'_>) {
        self.skips.push((value.index(), Skip::WireId));
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

    /// Finds content in `part` that is encoded, or that stands elsewhere under an id or an
    /// address: images, sound, files. The address is a text like any other, beside that.
    pub(super) fn content_part(&mut self, part: JsonRef<'_>) {
        let mut open = vec![part];
        while let Some(value) = open.pop() {
            let media = is_media(value).then_some(value);
            let found = self.skips.len();
            self.encoded(value, media.is_none().then_some(&mut open));
            if let Some(part) = media
                && found == self.skips.len()
                && let Some(sign) = sign(part)
            {
                self.skips.push((sign.index(), Skip::Opaque));
            }
        }
    }

    /// `value` refers to content that an earlier answer had.
    pub(super) fn earlier_content(&mut self, value: JsonRef<'_>) {
        if let Some(id) = value.get("id").filter(|id| id.kind() == NodeKind::String) {
            self.skips.push((id.index(), Skip::Opaque));
        }
        self.content_part(value);
    }

    /// Marks what is encoded in `value`; what is neither that nor a text is left to `rest`, or
    /// else looked through too.
    fn encoded<'a>(&mut self, value: JsonRef<'a>, mut rest: Option<&mut Vec<JsonRef<'a>>>) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let mut inner = Vec::new();
            for element in value.elements() {
                match element.kind() {
                    NodeKind::String if is_data(element) => {
                        self.skips.push((element.index(), Skip::Opaque));
                    }
                    NodeKind::String => {}
                    _ => inner.push(element),
                }
            }
            for (key, value) in value.entries() {
                if value.kind() != NodeKind::String {
                    inner.push(value);
                } else if is_encoded(key, value) {
                    self.skips.push((value.index(), Skip::Opaque));
                }
            }
            match &mut rest {
                Some(rest) => rest.append(&mut inner),
                None => open.append(&mut inner),
            }
        }
    }

    /// Hands everything over.
    pub(super) fn apply(self, labelling: Labelling<'_>) -> Labelling<'_> {
        let labelling = labelling.labels(self.labels).skips(self.skips);
        self.joined.into_iter().fold(labelling, Labelling::joined)
    }
}

/// A text that says what to do with it only to the model.
pub(super) fn untrusted(provenance: Provenance) -> Label {
    Label::untrusted(provenance)
}

/// Whether the member `key` of a message may hold content that is no text.
pub(super) fn holds_media(key: &str) -> bool {
    matches!(key, "audio" | "content" | "images")
}

/// Whether `part` is an image, sound or file: by its type, or by a member that says where it is.
pub(super) fn is_media(part: JsonRef<'_>) -> bool {
    part.entries().any(|(key, value)| match key.as_str().as_deref() {
        Some("type") => value.as_str().is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            MEDIA.iter().any(|media| kind.contains(media))
        }),
        Some(key) => ADDRESSES.contains(&key),
        None => false,
    })
}

/// Whether `value`, under `key`, is content that no stage can read.
pub(super) fn is_encoded(key: JsonRef<'_>, value: JsonRef<'_>) -> bool {
    let Some(key) = key.as_str() else { return false };
    if ENCODED.contains(&&*key) {
        return value.as_str().is_some_and(|text| !text.is_empty());
    }
    key != "text" && is_data(value)
}

/// Whether `value` is a `data:` address as browsers read one: without control characters.
pub(super) fn is_data(value: JsonRef<'_>) -> bool {
    let Some(text) = value.as_str() else { return false };
    let start = text.chars().filter(|char| !char.is_control() && !char.is_whitespace()).take(5);
    start.map(|char| char.to_ascii_lowercase()).eq("data:".chars())
}

/// The string of a media part that stands for what cannot be read: its type, which is a word of
/// the format, or else the first there is.
fn sign(part: JsonRef<'_>) -> Option<JsonRef<'_>> {
    let kind = part.get("type").filter(|kind| kind.as_str().is_some_and(|kind| is_word(&kind)));
    kind.or_else(|| {
        let mut open = vec![part];
        while let Some(value) = open.pop() {
            if value.kind() == NodeKind::String {
                return Some(value);
            }
            open.extend(value.elements());
            open.extend(value.entries().map(|(_, value)| value));
        }
        None
    })
}
