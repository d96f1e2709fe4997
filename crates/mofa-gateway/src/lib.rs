//! mofa-gateway
