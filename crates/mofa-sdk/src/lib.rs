//! mofa-sdk
