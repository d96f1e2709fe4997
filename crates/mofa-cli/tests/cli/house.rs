//! A configuration that all tests of the gateway's commands share.

use crate::run::Folder;
use mofa_sdk::config::ApiKey;

/// A folder with `mofa.toml`, and the key that it admits.
pub(crate) fn folder(more: &str) -> (Folder, ApiKey) {
    let key = ApiKey::generate("team-a").unwrap();
    let text = format!(
        "{more}\n[gateway]\nlisten = \"127.0.0.1:0\"\n[security.moderation]\nblocked = [\"spam\"]\n\
         [roles.user]\npermissions = [\"invoke:model:small\"]\n[[keys]]\nid = \"team-a\"\n\
         hash = \"{}\"\nsubject = \"ann\"\nroles = [\"user\"]\n[[upstreams]]\nname = \"main\"\n\
         base_url = \"http://127.0.0.1:9/v1\"\nmodels = [\"small\", \"large\"]\n",
        key.digest()
    );
    (Folder::new().with("mofa.toml", text), key)
}
