//! The keyword moderator: a list of words of others finds all of its own words.

use super::{Share, files};
use mofa_foundation::security::{ContentPolicy, KeywordModerator};
use mofa_runtime::security::{TenantId, Verdict};

#[test]
fn every_word_of_a_list_is_found() {
    let Some(folder) = files::folder() else { return };
    for (name, floor) in [("surge_profanity_words", 99), ("ldnoobw_words", 95)] {
        let words = files::texts(&folder, &format!("moderation/{name}"), 1);
        let policy =
            words.iter().fold(ContentPolicy::new(), |policy, word| policy.block(word.clone()));
        let moderator = KeywordModerator::new().with_policy(policy);
        let mut share = Share::default();
        for word in &words {
            let text = format!("They said: {}!", word.to_uppercase());
            let answer = moderator.judge(&TenantId::default(), &text).unwrap();
            share.count(answer.verdict == Verdict::Block);
        }
        share.at_least(name, floor);
    }
}
