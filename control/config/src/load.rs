//! Defaults, file, environment: read in this order, the last one wins.

use std::path::{Path, PathBuf};

use figment::{
    Figment, Provider,
    providers::{Format, Toml},
    value::Value,
};
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{Config, ConfigError, check::check, environment::Environment};

const DEFAULTS: &str = include_str!("defaults.toml");
/// Names the TOML file.
const FILE: &str = "UPGUARD_CONFIG";

/// The configuration of this process, checked. The error is one line that names the key and the mend.
pub fn load() -> Result<Config, ConfigError> {
    // Variables that are not UTF-8 cannot be ours.
    let variables =
        std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
    let variables: Vec<_> = variables.collect();
    let file = variables.iter().find(|(name, _)| name == FILE).map(|(_, path)| PathBuf::from(path));
    from(file.as_deref(), variables)
}

/// [`load`], from a given file and environment.
pub fn from(file: Option<&Path>, variables: Vec<(String, String)>) -> Result<Config, ConfigError> {
    let mut figment = Figment::from(Toml::string(DEFAULTS));
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|why| ConfigError::new(FILE, format!("cannot read {}: {why}", path.display())))?;
        figment = figment.merge(Toml::string(&text));
    }
    let config = figment.merge(Environment { variables, defaults: defaults()? }).extract()?;
    check(config)
}

fn defaults() -> Result<Value, ConfigError> {
    let mut profiles = Toml::string(DEFAULTS).data()?;
    Ok(Value::from(profiles.remove(&figment::Profile::Default).unwrap_or_default()))
}

/// A URL; the error is a sentence for people.
pub(super) fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    String::deserialize(from)?.parse().map_err(|why| D::Error::custom(wire::no_url(why)))
}

/// TOML has no null: an empty path is none.
pub(super) fn path_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(from)?;
    Ok((!path.as_os_str().is_empty()).then_some(path))
}
