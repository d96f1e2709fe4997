//! mofa-runtime
