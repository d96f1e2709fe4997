//! Puts kept values back into an answer, after it was inspected: for the subject that asked, and
//! only in the categories that it may `reveal`.
//!
//! Called by [`SecurityService::inspect`] for whole answers and by inspected streams.
//!
//! # Invariants
//! The authorizer is asked whatever the mode of its stage: without a grant a placeholder stays. A
//! placeholder that stands for nothing in this conversation of this tenant stays, and so does one in
//! a URL, which would carry the value to a host of the model's choice. What one answer
//! asks for and grows by is bounded. Counts are recorded, values never.
//!
//! # Failure
//! What cannot be decided or read stays a placeholder, whatever the fail mode; the record says so.

mod url;

use super::SecurityService;
use super::guarded::guarded;
use crate::secret::Secret;
use crate::security::config::{Stage, StageMode};
use crate::security::exchange::{Direction, Exchange};
use crate::security::types::{PiiCategory, Subject};
use crate::security::vault::{ConversationId, Placeholder, TokenScope, TokenVault, VaultError};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use url::UrlReader;

/// The action of the permission to see values; its resource is `pii:CATEGORY`.
const REVEAL: &str = "reveal";

/// How many placeholders of one answer are asked for.
const MAX_ASKED: usize = 4_096;

/// By how many bytes one answer may grow.
const MAX_GROWTH: usize = 4 << 20;

/// The end of a streamed text that may go on as a placeholder. One a text, as long as it goes on.
#[derive(Default)]
pub struct RestoreTail {
    held: String,
    /// What is before it.
    url: UrlReader,
}

impl RestoreTail {
    /// What is held back, at the end of the text: no placeholder came of it.
    #[must_use]
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// The size only: what is inspected is in no log.
impl fmt::Debug for RestoreTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RestoreTail({} bytes)", self.held.len())
    }
}

/// What is known of the placeholders of one answer.
pub(super) struct Restoring {
    vault: Arc<TokenVault>,
    scope: TokenScope,
    subject: Arc<Subject>,
    /// Which categories the subject may see, as far as it was asked.
    may: BTreeMap<PiiCategory, bool>,
    /// What stands for what; `None` for what stays.
    known: BTreeMap<Placeholder, Option<Secret>>,
    restored: BTreeMap<PiiCategory, u64>,
    growth: usize,
    has_failed: bool,
}

impl Restoring {
    /// For the answer to `subject` in `conversation`; `None` if nothing is kept here.
    pub(super) fn begin(
        service: &SecurityService,
        subject: &Arc<Subject>,
        conversation: ConversationId,
    ) -> Option<Self> {
        let vault = service.engines.vault.as_ref()?;
        Some(Self {
            vault: Arc::clone(vault),
            scope: TokenScope::new(subject.tenant.clone(), conversation),
            subject: subject.clone(),
            may: BTreeMap::new(),
            known: BTreeMap::new(),
            restored: BTreeMap::new(),
            growth: 0,
            has_failed: false,
        })
    }

    /// `text`, which goes on what is in `tail`, up to where it may go on as a placeholder.
    pub(super) async fn piece(
        &mut self,
        service: &SecurityService,
        tail: &mut RestoreTail,
        text: String,
    ) -> String {
        let mut whole = tail.take();
        if whole.is_empty() {
            whole = text;
        } else {
            whole.push_str(&text);
        }
        tail.held = whole.split_off(whole.len() - Placeholder::open_tail(&whole));
        self.text(service, &whole, &mut tail.url).await.unwrap_or(whole)
    }

    /// Puts values into the parts of `exchange` that can be replaced.
    pub(super) async fn exchange(
        &mut self,
        service: &SecurityService,
        exchange: &mut Exchange<'_>,
    ) {
        for index in 0..exchange.parts.len() {
            if exchange.is_reading(index) {
                continue;
            }
            let Some(part) = exchange.part(index).filter(|part| part.editable) else { continue };
            if let Some(text) = self.text(service, part.text, &mut UrlReader::default()).await {
                exchange.replace(index, text);
            }
        }
    }

    /// `text`, which goes on what `url` has read, with what the subject may see; `None` if that
    /// changes nothing.
    async fn text(
        &mut self,
        service: &SecurityService,
        text: &str,
        url: &mut UrlReader,
    ) -> Option<String> {
        let mut read = 0;
        let mut found: Vec<_> = Placeholder::find_in(text).collect();
        found.retain(|(span, _)| {
            url.read(text.get(read..span.start).unwrap_or_default());
            read = span.start;
            !url.is_inside()
        });
        url.read(text.get(read..).unwrap_or_default());
        if found.is_empty() {
            return None;
        }
        self.learn(service, found.iter().map(|(_, placeholder)| placeholder)).await;
        let mut out = String::new();
        let mut at = 0;
        for (span, placeholder) in found {
            let Some(Some(value)) = self.known.get(&placeholder) else { continue };
            let growth = self.growth + value.expose().len().saturating_sub(span.len());
            if growth > MAX_GROWTH {
                continue;
            }
            self.growth = growth;
            out.push_str(text.get(at..span.start)?);
            out.push_str(value.expose());
            at = span.end;
            *self.restored.entry(placeholder.category().clone()).or_default() += 1;
        }
        out.push_str(text.get(at..).filter(|_| at > 0)?);
        Some(out)
    }

    /// Finds out what those of `found` stand for that are not known yet.
    async fn learn(
        &mut self,
        service: &SecurityService,
        found: impl Iterator<Item = &Placeholder>,
    ) {
        let mut wanted = BTreeSet::new();
        for placeholder in found {
            let is_known = self.known.contains_key(placeholder) || wanted.contains(placeholder);
            if is_known || self.known.len() + wanted.len() >= MAX_ASKED {
                continue;
            }
            if self.may(service, placeholder.category()).await {
                wanted.insert(placeholder.clone());
            } else {
                self.known.insert(placeholder.clone(), None);
            }
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        if wanted.is_empty() {
            return;
        }
        match self.ask(service, &wanted).await {
            Ok(values) => self.known.extend(wanted.into_iter().zip(values)),
            Err(VaultError::Tampered) => {
                // The others are still what they were.
                for one in wanted {
                    let asked = self.ask(service, std::slice::from_ref(&one)).await;
                    let value = asked.ok().and_then(|mut values| values.pop().flatten());
                    self.known.insert(one, value);
                }
            }
            Err(_) => self.known.extend(wanted.into_iter().map(|one| (one, None))),
        }
    }

    async fn ask(
        &mut self,
        service: &SecurityService,
        wanted: &[Placeholder],
    ) -> Result<Vec<Option<Secret>>, VaultError> {
        let limit = service.config.stage_timeout();
        let asked = guarded(limit, self.vault.reveal(&self.scope, wanted)).await;
        let asked =
            asked.unwrap_or_else(|failure| Err(VaultError::Store { reason: failure.to_string() }));
        if let Err(error) = &asked {
            self.has_failed = true;
            tracing::error!(%error, "values stay placeholders");
        }
        asked
    }

    /// Whether the subject may see values of `category`.
    async fn may(&mut self, service: &SecurityService, category: &PiiCategory) -> bool {
        if let Some(may) = self.may.get(category) {
            return *may;
        }
        let may = match &service.engines.authorizer {
            Some(authorizer) => {
                let resource = format!("pii:{category}");
                let asked = authorizer.authorize(&self.subject, REVEAL, &resource);
                let answer = guarded(service.config.stage_timeout(), asked).await;
                if let Ok(Ok(answer)) = answer {
                    answer.is_allowed()
                } else {
                    self.has_failed = true;
                    tracing::error!(%category, "undecided: values stay placeholders");
                    false
                }
            }
            None => false,
        };
        self.may.insert(category.clone(), may);
        may
    }

    /// What is recorded: how many values of each category were put back, and whether something
    /// went wrong.
    pub(super) fn into_metadata(self) -> Map<String, Value> {
        let mut metadata = Map::new();
        if !self.restored.is_empty() {
            let count =
                |(category, count): (PiiCategory, u64)| (category.to_string(), json!(count));
            let counts: Map<_, _> = self.restored.into_iter().map(count).collect();
            metadata.insert("restored".to_owned(), Value::Object(counts));
        }
        if self.has_failed {
            metadata.insert("restore_failed".to_owned(), json!(true));
        }
        metadata
    }
}

impl SecurityService {
    /// Puts values back into an answer that belongs to a conversation; gives what is recorded.
    pub(super) async fn restore(&self, exchange: &mut Exchange<'_>) -> Option<Value> {
        if exchange.direction() != Direction::Output {
            return None;
        }
        let conversation = exchange.conversation()?.clone();
        let mut restoring = Restoring::begin(self, exchange.subject(), conversation)?;
        restoring.exchange(self, exchange).await;
        let metadata = restoring.into_metadata();
        (!metadata.is_empty()).then_some(Value::Object(metadata))
    }

    /// Where values of `exchange` are kept, if they are: placeholders that stand in it already are
    /// nobody's.
    pub(super) fn token_scope(&self, exchange: &Exchange<'_>) -> Option<TokenScope> {
        let scope = self.stream_scope(exchange.subject(), exchange.conversation())?;
        Some(exchange.parts().fold(scope, |scope, part| scope.without_those_in(part.text)))
    }

    /// The same for a stream, of which it is not known what stands in it.
    pub(super) fn stream_scope(
        &self,
        subject: &Arc<Subject>,
        conversation: Option<&ConversationId>,
    ) -> Option<TokenScope> {
        let is_enforced = self.config.mode(Stage::Pii) == StageMode::Enforce;
        let conversation = conversation.filter(|_| is_enforced && self.engines.vault.is_some())?;
        Some(TokenScope::new(subject.tenant.clone(), conversation.clone()))
    }
}
