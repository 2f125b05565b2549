//! The thresholds that checks hold values against.

use serde::{Deserialize, Serialize};

/// Thresholds, each with the default that a checklist row or a standard asks for.
///
/// `[thresholds]` of `tightship.toml` sets them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Least SECURE_HSTS_SECONDS. Default 31536000, one year (row A2.4; hstspreload.org asks the same).
    pub hsts_seconds: u64,
    /// Least length of SECRET_KEY in characters. Default 50 (row A1.2; Django's security.W009).
    pub secret_key_length: u64,
    /// Longest SimpleJWT access token lifetime in seconds. Default 18000, five hours (row B7.1).
    pub jwt_access_seconds: u64,
    /// Longest SimpleJWT refresh token lifetime in seconds. Default 604800, seven days (row B7.2).
    pub jwt_refresh_seconds: u64,
    /// Most failed logins before axes locks. Default 5 (row A3.4).
    pub axes_failure_limit: u64,
    /// Least time in seconds that axes keeps a lock. Default 3600, one hour (row A3.5).
    pub axes_cooloff_seconds: u64,
    /// Least password length that validators enforce. Default 8 (Django's MinimumLengthValidator;
    /// NIST SP 800-63B section 5.1.1.2).
    pub password_length: u64,
    /// Longest time in hours that the site may be away after a disaster, which the team decides (its
    /// recovery time objective; row A11.5). Without a default.
    pub recovery_time_hours: Option<u64>,
    /// Most hours of data that may be lost with the server, which the team decides (its recovery point
    /// objective; row A11.6). Without a default.
    pub recovery_point_hours: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            hsts_seconds: 31_536_000,
            secret_key_length: 50,
            jwt_access_seconds: 5 * 3600,
            jwt_refresh_seconds: 7 * 86_400,
            axes_failure_limit: 5,
            axes_cooloff_seconds: 3600,
            password_length: 8,
            recovery_time_hours: None,
            recovery_point_hours: None,
        }
    }
}
