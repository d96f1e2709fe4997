//! Ordinary English to measure on, and words that do not stand in it; the same at every run.

/// A paragraph without personal data, attacks or listed words.
const PROSE: &str = "The harbour was quiet that morning, and the fishing boats lay side by side \
against the old stone quay. A clerk from the customs office walked along the pier with a ledger \
under one arm and a cup of tea in the other hand, counting crates and writing short notes about \
what had arrived during the night. Most of it was timber, some of it was salt, and a few barrels \
held lamp oil that would be sold inland before the first frost. Nobody hurried. The tide would \
not turn until noon, the wind had dropped, and the captain of the largest ship was still asleep \
in the inn above the market square. By ten the baker had opened her shutters, children were \
running between the stalls, and somebody had begun to repair the broken railing near the \
lighthouse steps with a hammer that rang across the water like a slow and patient bell. ";

/// `len` bytes of prose.
pub(crate) fn prose(len: usize) -> String {
    PROSE.chars().cycle().take(len).collect()
}

/// `count` different made-up words of three syllables.
pub(crate) fn words(count: usize) -> Vec<String> {
    const FIRST: [&str; 13] =
        ["bra", "cle", "dro", "fli", "gru", "ska", "ple", "tro", "vni", "zwu", "kra", "sle", "pro"];
    const MIDDLE: [&str; 13] =
        ["ban", "cel", "dim", "fos", "gul", "haz", "jek", "lim", "mox", "nup", "rav", "sed", "tik"];
    const LAST: [&str; 13] =
        ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri"];
    let all = FIRST.iter().flat_map(|first| {
        MIDDLE
            .iter()
            .flat_map(move |middle| LAST.iter().map(move |last| format!("{first}{middle}{last}")))
    });
    all.take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_differ_and_are_not_in_the_prose() {
        let words = words(2_000);
        assert_eq!(words.iter().collect::<HashSet<_>>().len(), 2_000);
        assert!(words.iter().all(|word| !PROSE.contains(word)));
        assert_eq!(prose(2_500).len(), 2_500);
    }
}
