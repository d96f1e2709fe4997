//! Chapter "Content Moderation": verdicts and policies.

use super::Snippet;
use mofa_foundation::security::{ContentModerator, ContentPolicy, KeywordModerator};
use mofa_runtime::security::{TenantId, Verdict};

/// ```text
/// use mofa_foundation::security::KeywordModerator;
/// let moderator = KeywordModerator::new()
/// .add_blocked("spam")
/// .add_flagged("urgent");
/// let result = moderator.moderate("This is spam content").await?;
/// ```
/// Supplied: the import of the trait `ContentModerator`.
#[tokio::test]
async fn the_snippet_compiles_and_blocks() -> Snippet {
    use mofa_foundation::security::KeywordModerator;
    let moderator = KeywordModerator::new().add_blocked("spam").add_flagged("urgent");
    let result = moderator.moderate("This is spam content").await?;

    assert_eq!(result.verdict, Verdict::Block);
    assert!(!result.reason.is_empty());
    Ok(())
}

/// "`Allow`: Content is safe", "`Flag`: Content is flagged but allowed (with reason)", "`Block`:
/// Content is blocked (with reason)".
#[tokio::test]
async fn verdicts_and_their_reasons() -> Snippet {
    let moderator = KeywordModerator::new().add_blocked("spam").add_flagged("urgent");
    for (text, verdict) in [
        ("", Verdict::Allow),
        ("A quiet note about spammers and urgently needed rest", Verdict::Allow),
        ("URGENT: call back", Verdict::Flag),
        ("urgent spam", Verdict::Block),
        ("Das ist SPAM!", Verdict::Block),
    ] {
        let result = moderator.moderate(text).await?;
        assert_eq!(result.verdict, verdict, "{text}");
        assert_eq!(result.reason.is_empty(), verdict == Verdict::Allow, "{text}");
        // A reason is written into records and answers: it does not repeat the content.
        assert!(!result.reason.to_lowercase().contains("spam"));
    }
    Ok(())
}

/// "Configure different policies per tenant", "Use flagging for borderline content".
#[tokio::test]
async fn policies_per_tenant() -> Snippet {
    let (school, bar) = (TenantId::new("school")?, TenantId::new("bar")?);
    let moderator = KeywordModerator::new()
        .add_blocked("spam")
        .with_tenant_policy(school.clone(), ContentPolicy::new().block("cocktail"))
        .with_tenant_policy(bar.clone(), ContentPolicy::new().flag("cocktail"));
    let text = "a cocktail recipe";
    assert_eq!(moderator.moderate_for(&school, text).await?.verdict, Verdict::Block);
    assert_eq!(moderator.moderate_for(&bar, text).await?.verdict, Verdict::Flag);
    assert_eq!(moderator.moderate(text).await?.verdict, Verdict::Allow);
    assert_eq!(moderator.moderate_for(&bar, "spam").await?.verdict, Verdict::Allow);
    let other = TenantId::new("other")?;
    assert_eq!(moderator.moderate_for(&other, "spam").await?.verdict, Verdict::Block);
    Ok(())
}
