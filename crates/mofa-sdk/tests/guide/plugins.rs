//! Chapter "Secure Plugin Development".

use super::Snippet;
use mofa_kernel::{PluginId, SystemClock};
use mofa_sdk::plugins::PluginResult;
use std::sync::Arc;

const MAX_INPUT_SIZE: usize = 16;
const MAX_OUTPUT_SIZE: usize = 24;

/// Doubles what it is given; refuses numbers.
fn process_input(input: &str) -> PluginResult<String> {
    if input.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(format!("{} bytes with numbers", input.len()).into());
    }
    Ok(input.repeat(2))
}

/// ```text
/// use mofa_sdk::plugins::{AgentPlugin, PluginContext};
/// struct SecurePlugin;
/// #[async_trait::async_trait]
/// impl AgentPlugin for SecurePlugin {
/// async fn execute(&mut self, input: String) -> PluginResult<String> {
/// // Validate input
/// if input.len() > MAX_INPUT_SIZE {
/// return Err("Input too large".into());
/// }
/// // Sanitize output
/// let output = process_input(&input)?;
/// if output.len() > MAX_OUTPUT_SIZE {
/// return Err("Output too large".into());
/// }
/// Ok(output)
/// }
/// }
/// ```
/// Supplied: the import of `PluginResult`, both sizes, and `process_input`.
#[tokio::test]
async fn the_snippet_compiles_and_validates() -> Snippet {
    use mofa_sdk::plugins::{AgentPlugin, PluginContext};
    struct SecurePlugin;
    #[async_trait::async_trait]
    impl AgentPlugin for SecurePlugin {
        async fn execute(&mut self, input: String) -> PluginResult<String> {
            // Validate input
            if input.len() > MAX_INPUT_SIZE {
                return Err("Input too large".into());
            }
            // Sanitize output
            let output = process_input(&input)?;
            if output.len() > MAX_OUTPUT_SIZE {
                return Err("Output too large".into());
            }
            Ok(output)
        }
    }

    // Loaded as a runtime would: behind the trait, with a context.
    let mut plugin: Box<dyn AgentPlugin> = Box::new(SecurePlugin);
    let context = PluginContext::new(PluginId::new("secure")?, Arc::new(SystemClock));
    plugin.initialize(&context).await?;
    assert_eq!(plugin.execute("ab".into()).await?, "abab");
    for (input, reason) in [
        ("a".repeat(17), "the plugin failed: Input too large"),
        ("a".repeat(16), "the plugin failed: Output too large"),
        ("a1".to_owned(), "the plugin failed: 2 bytes with numbers"),
    ] {
        assert_eq!(plugin.execute(input).await.unwrap_err().to_string(), reason);
    }
    // "Use error handling (don't panic on invalid input)": a refusal does not end the plugin.
    assert_eq!(plugin.execute("c".into()).await?, "cc");
    plugin.shutdown().await?;
    Ok(())
}
