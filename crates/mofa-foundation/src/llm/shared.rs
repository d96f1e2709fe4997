//! A model whose provider can be exchanged while agents use it, for instance when a key is
//! rotated.
//!
//! # Invariants
//! A call stays with the provider that it began with; the next one takes the new provider. Nobody
//! waits for anybody.

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::error::LlmError;
use crate::llm::model::{ChatModel, ChatStream};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use mofa_runtime::security::Permit;
use std::fmt;
use std::sync::Arc;

/// A handle on a model; its copies see the same provider.
///
/// # Example
/// ```
/// use mofa_foundation::llm::{ScriptedModel, SharedModel};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let model = SharedModel::new(ScriptedModel::new());
/// let agent = model.clone();
/// agent.update_provider(ScriptedModel::new().with_reply("hello", "Hello!")).await;
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedModel {
    provider: Arc<ArcSwap<Arc<dyn ChatModel>>>,
}

impl SharedModel {
    /// A handle on `provider`.
    #[must_use]
    pub fn new(provider: impl ChatModel + 'static) -> Self {
        let provider: Arc<dyn ChatModel> = Arc::new(provider);
        Self { provider: Arc::new(ArcSwap::from_pointee(provider)) }
    }

    /// Sends every call from now on to `provider`. Calls under way finish on the old one.
    #[expect(clippy::unused_async, reason = "the name and shape are fixed by the guide")]
    pub async fn update_provider(&self, provider: impl ChatModel + 'static) {
        let provider: Arc<dyn ChatModel> = Arc::new(provider);
        self.provider.store(Arc::new(provider));
    }
}

impl fmt::Debug for SharedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedModel").finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for SharedModel {
    async fn chat(&self, permit: Permit, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let provider = self.provider.load_full();
        provider.chat(permit, request).await
    }

    async fn chat_stream(
        &self,
        permit: Permit,
        request: &ChatRequest,
    ) -> Result<ChatStream, LlmError> {
        let provider = self.provider.load_full();
        provider.chat_stream(permit, request).await
    }
}
