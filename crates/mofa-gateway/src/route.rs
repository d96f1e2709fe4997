//! Which request goes where: a method and a path, nothing else. Reports name the same routes.

use crate::answer::ApiError;
use http::{Method, StatusCode};

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A chat completion.
    ChatCompletions,
    /// The models that the caller may use.
    Models,
    /// Whether the process lives.
    Health,
    /// Whether requests should be sent here.
    Ready,
    /// Figures.
    Metrics,
}

/// Paths, what stands behind them, and how it is asked for.
const ROUTES: [(&str, Route, &str); 5] = [
    ("/v1/chat/completions", Route::ChatCompletions, "POST"),
    ("/v1/models", Route::Models, "GET, HEAD"),
    ("/healthz", Route::Health, "GET, HEAD"),
    ("/readyz", Route::Ready, "GET, HEAD"),
    ("/metrics", Route::Metrics, "GET, HEAD"),
];

/// How requests without a route are counted.
pub(crate) const NO_ROUTE: &str = "none";

impl Route {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        ROUTES.iter().map(|(_, route, _)| *route)
    }

    /// The path that leads to it.
    #[must_use]
    pub fn path(self) -> &'static str {
        ROUTES.iter().find(|(_, route, _)| *route == self).map_or(NO_ROUTE, |(path, ..)| path)
    }

    /// How it is asked for, first of all: it may take other methods.
    #[must_use]
    pub fn method(self) -> &'static str {
        let methods = ROUTES.iter().find(|(_, route, _)| *route == self).map(|(.., it)| *it);
        methods.and_then(|methods| methods.split(", ").next()).unwrap_or_default()
    }

    /// Whether a caller needs a key.
    #[must_use]
    pub fn needs_key(self) -> bool {
        match self {
            Self::ChatCompletions | Self::Models => true,
            Self::Health | Self::Ready | Self::Metrics => false,
        }
    }

    /// The route of `method` and `path`.
    ///
    /// # Errors
    /// An [`ApiError`] with status 404 or 405.
    pub(crate) fn find(method: &Method, path: &str) -> Result<Self, ApiError> {
        let Some((_, route, methods)) = ROUTES.iter().find(|(known, ..)| *known == path) else {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this path",
            ));
        };
        if methods.split(", ").any(|known| known == method.as_str()) {
            return Ok(*route);
        }
        let message = format!("this path takes {methods}");
        Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
            .with_allow(methods))
    }
}
