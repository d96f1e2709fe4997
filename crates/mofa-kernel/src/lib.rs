//! mofa-kernel
