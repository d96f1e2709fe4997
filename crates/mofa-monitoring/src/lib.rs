//! mofa-monitoring
