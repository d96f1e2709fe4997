//! mofa-testkit
