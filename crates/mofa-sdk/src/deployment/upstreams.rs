//! Where models are.
//!
//! # Invariants
//! The first upstream of the file that has a model gets its calls, always.

use super::DeploymentError;
use crate::config::{Limits, ModelPattern, UpstreamSettings};
use mofa_foundation::llm::{TimeOuts, Upstream};
use std::collections::HashSet;
use std::sync::Arc;

/// All upstreams, in the order of the configuration.
#[derive(Debug, Default)]
pub struct Upstreams(Vec<(Vec<ModelPattern>, Arc<Upstream>)>);

impl Upstreams {
    /// The upstreams of a configuration.
    ///
    /// # Errors
    /// [`DeploymentError::Upstream`] if an address or key is not usable.
    pub fn open(settings: Vec<UpstreamSettings>, limits: &Limits) -> Result<Self, DeploymentError> {
        let timeouts = TimeOuts::default()
            .with_headers(limits.request_timeout)
            .with_total(limits.request_timeout)
            .with_idle(limits.stream_idle_timeout);
        let open = |settings: UpstreamSettings| {
            let UpstreamSettings { name, base_url, api_key, models, written } = settings;
            let written = written.unwrap_or_else(|| name.clone());
            let mut builder = Upstream::builder(name, base_url);
            if let Some(key) = api_key {
                builder = builder.with_api_key(key);
            }
            let built = builder.with_timeouts(timeouts).build();
            let wrong = |source| DeploymentError::Upstream { name: written, source };
            let upstream = built.map_err(wrong)?;
            Ok((models, Arc::new(upstream)))
        };
        settings.into_iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The same upstreams over connections of their own, none of which is open yet: for a thread
    /// that wants to share no connection with others.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        let own = |(models, upstream): &(Vec<ModelPattern>, Arc<Upstream>)| {
            (models.clone(), Arc::new(upstream.with_own_connections()))
        };
        Self(self.0.iter().map(own).collect())
    }

    /// The first upstream that has `model`.
    #[must_use]
    pub fn route(&self, model: &str) -> Option<&Arc<Upstream>> {
        let has = |patterns: &[ModelPattern]| patterns.iter().any(|pattern| pattern.matches(model));
        self.0.iter().find(|(patterns, _)| has(patterns)).map(|(_, upstream)| upstream)
    }

    /// Every model that is named in full, once, in the order of the configuration.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let mut known = HashSet::new();
        let patterns = self.0.iter().flat_map(|(patterns, _)| patterns);
        patterns.filter_map(ModelPattern::as_model).filter(move |model| known.insert(*model))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn an_error_has_the_name_as_it_is_written() {
        let text = "[[upstreams]]\nname = \"at ${HOST}\"\nbase_url = \"http://127.0.0.1:9/v1\"\n\
                    api_key = \"${KEY}\"\nmodels = [\"small\"]\n";
        let config = Config::parse(text, "mofa.toml", &|name| match name {
            "HOST" => Some("intranet.example".to_owned()),
            _ => Some("no key at all".to_owned()),
        });
        let Config { upstreams, limits, .. } = config.unwrap();
        let error = Upstreams::open(upstreams, &limits).unwrap_err().to_string();
        assert!(error.starts_with("upstream `at ${HOST}`: `api_key` "), "{error}");
        assert!(!error.contains("intranet") && !error.contains("no key"), "{error}");
    }

    #[test]
    fn a_model_of_two_upstreams_is_one() {
        let upstream = |name: &str, models: &[&str]| {
            let models = models.iter().map(|model| ModelPattern::new(model).unwrap()).collect();
            UpstreamSettings::new(name, "http://127.0.0.1:9/v1", models)
        };
        let settings = vec![
            upstream("first", &["small", "gpt-*", "large", "small"]),
            upstream("second", &["large", "other", "*"]),
        ];
        let upstreams = Upstreams::open(settings, &Limits::default()).unwrap();
        assert_eq!(upstreams.models().collect::<Vec<_>>(), ["small", "large", "other"]);
    }
}
