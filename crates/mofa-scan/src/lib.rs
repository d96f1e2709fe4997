//! mofa-scan
