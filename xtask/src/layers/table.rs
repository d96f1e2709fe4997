//! Which crate may use which, and where third-party crates belong: data, read by `layers`.
//!
//! ARCHITECTURE.md explains the layers. A crate that does not exist yet has its place already.

/// The development-only crate that every crate's tests may use.
pub(super) const TESTKIT: &str = "mofa-testkit";

/// The folder of the examples, which are users of the product and stand above it.
pub(super) const EXAMPLES: &str = "examples";

/// What an example may use.
pub(super) const EXAMPLES_MAY_USE: &[&str] =
    &["mofa-kernel", "mofa-runtime", "mofa-foundation", "mofa-monitoring", "mofa-sdk"];

/// One row of the table of crates.
pub(super) struct CrateRule {
    /// The crate.
    pub(super) name: &'static str,
    /// Its layer; `None` for what is never shipped.
    pub(super) layer: Option<u8>,
    /// The crates of the workspace that it may use.
    pub(super) may_use: &'static [&'static str],
}

const fn shipped(name: &'static str, layer: u8, may_use: &'static [&'static str]) -> CrateRule {
    CrateRule { name, layer: Some(layer), may_use }
}

const fn tool(name: &'static str, may_use: &'static [&'static str]) -> CrateRule {
    CrateRule { name, layer: None, may_use }
}

/// What everything of layer 2 may use, `mofa-foundation` aside.
const RUNTIME_AND_KERNEL: &[&str] = &["mofa-runtime", "mofa-kernel"];

/// The table of crates.
pub(super) const CRATES: &[CrateRule] = &[
    shipped("mofa-kernel", 0, &[]),
    shipped("mofa-scan", 0, &[]),
    shipped("mofa-runtime", 1, &["mofa-kernel"]),
    shipped("mofa-foundation", 2, &["mofa-runtime", "mofa-kernel", "mofa-scan"]),
    shipped("mofa-plugins", 2, RUNTIME_AND_KERNEL),
    shipped("mofa-monitoring", 2, RUNTIME_AND_KERNEL),
    shipped("mofa-net", 2, RUNTIME_AND_KERNEL),
    shipped("mofa-store", 2, RUNTIME_AND_KERNEL),
    shipped(
        "mofa-sdk",
        3,
        &[
            "mofa-kernel",
            "mofa-scan",
            "mofa-runtime",
            "mofa-foundation",
            "mofa-plugins",
            "mofa-monitoring",
            "mofa-net",
            "mofa-store",
        ],
    ),
    shipped("mofa-gateway", 4, &["mofa-sdk"]),
    shipped("mofa-cli", 5, &["mofa-sdk", "mofa-gateway"]),
    tool("mofa-testkit", &["mofa-kernel", "mofa-scan", "mofa-runtime"]),
    tool("mofa-fuzz", &["mofa-scan"]),
    tool("mofa-train", &["mofa-scan"]),
    tool("xtask", &[]),
    tool(
        "mofa-bench",
        &[
            "mofa-kernel",
            "mofa-scan",
            "mofa-runtime",
            "mofa-foundation",
            "mofa-plugins",
            "mofa-monitoring",
            "mofa-net",
            "mofa-store",
            "mofa-sdk",
            "mofa-gateway",
            "mofa-testkit",
        ],
    ),
];

/// Where a third-party crate may stand.
pub(super) enum Where {
    /// In these crates and nowhere else.
    Only(&'static [&'static str]),
    /// Anywhere but in these crates.
    NotIn(&'static [&'static str]),
}

impl Where {
    /// Whether `name` is such a place.
    pub(super) fn allows(&self, name: &str) -> bool {
        match self {
            Self::Only(crates) => crates.contains(&name),
            Self::NotIn(crates) => !crates.contains(&name),
        }
    }
}

/// One rule for third-party crates, about normal and build dependencies.
pub(super) struct ThirdPartyRule {
    /// The crates that it is about.
    pub(super) names: &'static [&'static str],
    /// Only where a feature starting so is asked for.
    pub(super) feature: Option<&'static str>,
    /// Where they may stand.
    pub(super) place: Where,
    /// The rule in words.
    pub(super) why: &'static str,
}

/// The layer-0 crates, which do no I/O.
const PURE: &[&str] = &["mofa-kernel", "mofa-scan"];

/// Where third-party crates belong.
pub(super) const THIRD_PARTY: &[ThirdPartyRule] = &[
    ThirdPartyRule {
        names: &["axum"],
        feature: None,
        place: Where::Only(&["mofa-gateway"]),
        why: "axum belongs in mofa-gateway",
    },
    ThirdPartyRule {
        names: &["wasmtime", "rhai"],
        feature: None,
        place: Where::Only(&["mofa-plugins"]),
        why: "sandboxes belong in mofa-plugins",
    },
    ThirdPartyRule {
        names: &["clap", "clap_complete"],
        feature: None,
        place: Where::Only(&["mofa-cli"]),
        why: "command lines belong in mofa-cli",
    },
    ThirdPartyRule {
        names: &["rustls", "tokio-rustls"],
        feature: None,
        place: Where::Only(&["mofa-net"]),
        why: "TLS belongs in mofa-net",
    },
    ThirdPartyRule {
        names: &["rusqlite", "sqlx", "redis"],
        feature: None,
        place: Where::Only(&["mofa-store"]),
        why: "databases belong in mofa-store",
    },
    ThirdPartyRule {
        names: &["hyper-rustls", "reqwest", "ureq", "isahc"],
        feature: None,
        place: Where::Only(&["mofa-foundation"]),
        why: "HTTP clients belong in mofa-foundation",
    },
    ThirdPartyRule {
        names: &["hyper", "hyper-util"],
        feature: Some("client"),
        place: Where::Only(&["mofa-foundation"]),
        why: "HTTP clients belong in mofa-foundation",
    },
    ThirdPartyRule {
        names: &["tokio", "tokio-util", "async-std", "smol"],
        feature: None,
        place: Where::NotIn(PURE),
        why: "layer 0 has no asynchronous runtime",
    },
    ThirdPartyRule {
        names: &[
            "mio",
            "socket2",
            "hyper",
            "hyper-util",
            "tempfile",
            "ignore",
            "walkdir",
            "memmap2",
            "rusqlite",
            "sqlx",
            "redis",
            "notify",
            "rayon",
        ],
        feature: None,
        place: Where::NotIn(PURE),
        why: "layer 0 does no I/O and starts no thread",
    },
];
