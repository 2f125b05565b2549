//! How nginx hands directives down from block to block, and what holds where none is set.
//!
//! Source: the merge functions of nginx 1.22.1 and, for `add_header_inherit`, 1.29.3; the defaults
//! are those of the reference at <https://nginx.org/en/docs/dirindex.html>.

/// What becomes of a directive in the blocks inside the one where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// It holds inside until a block has one of its own; those then hold alone, none is added.
    Replaces,
    /// As [`Merge::Replaces`], for several names together: an `alias` ends the `root` around it.
    ReplacesWith(&'static [&'static str]),
    /// `add_header`, `add_trailer`: as [`Merge::Replaces`] unless the named directive says
    /// `merge` (own ones first, then those around) or `off` (nothing is taken over).
    Ruled(&'static str),
    /// Own ones are added to those around.
    Adds,
    /// What handles the request: an `if` or `limit_except` takes it over, a nested location does
    /// not.
    Handles,
    /// It holds in its own block only.
    Stays,
}

/// How the directive of this name merges. What no exception names replaces.
pub fn merge(name: &str) -> Merge {
    match name {
        "root" | "alias" => Merge::ReplacesWith(&["root", "alias"]),
        "allow" | "deny" => Merge::ReplacesWith(&["allow", "deny"]),
        "add_header" => Merge::Ruled("add_header_inherit"),
        "add_trailer" => Merge::Ruled("add_trailer_inherit"),
        // https://github.com/openresty/headers-more-nginx-module: both lists are run.
        "more_set_headers"
        | "more_clear_headers"
        | "more_set_input_headers"
        | "more_clear_input_headers" => Merge::Adds,
        "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass"
        | "memcached_pass" => Merge::Handles,
        "return"
        | "rewrite"
        | "set"
        | "break"
        | "if"
        | "try_files"
        | "limit_except"
        | "location"
        | "server"
        | "listen"
        | "server_name"
        | "stub_status"
        | "empty_gif"
        | "flv"
        | "mp4"
        | "perl"
        | "js_content"
        | "content_by_lua_block"
        | "content_by_lua_file"
        | "content_by_lua"
        | "include" => Merge::Stays,
        _ => Merge::Replaces,
    }
}

/// What holds in this release of nginx where no block sets the directive, as one would write it.
/// `None` where nothing does, where nginx has no such directive, where the machine decides (sizes of
/// buffers that are a page), and where the releases differ and `release` is not known.
pub fn default(name: &str, release: Option<(u32, u32, u32)>) -> Option<&'static str> {
    if let Some(changed) = CHANGED.iter().find(|changed| changed.name == name) {
        let release = release?;
        let past = changed
            .defaults
            .iter()
            .rfind(|default| default.since <= release);
        return past.map(|default| default.value);
    }
    let found = DEFAULTS
        .binary_search_by_key(&name, |(name, _)| name)
        .ok()?;
    Some(DEFAULTS[found].1)
}

/// A directive whose default changed, oldest first: CHANGES of nginx.
struct Changed {
    name: &'static str,
    defaults: &'static [Default],
}

struct Default {
    since: (u32, u32, u32),
    value: &'static str,
}

impl Default {
    const fn new(since: (u32, u32, u32), value: &'static str) -> Self {
        Self { since, value }
    }
}

static CHANGED: [Changed; 4] = [
    Changed {
        name: "keepalive_requests",
        defaults: &[
            Default::new((0, 0, 0), "100"),
            Default::new((1, 19, 10), "1000"),
        ],
    },
    Changed {
        name: "proxy_http_version",
        defaults: &[
            Default::new((0, 0, 0), "1.0"),
            Default::new((1, 29, 7), "1.1"),
        ],
    },
    Changed {
        name: "proxy_ssl_protocols",
        defaults: PROTOCOLS,
    },
    Changed {
        name: "ssl_protocols",
        defaults: PROTOCOLS,
    },
];

const PROTOCOLS: &[Default] = &[
    Default::new((0, 0, 0), "TLSv1 TLSv1.1 TLSv1.2"),
    Default::new((1, 23, 4), "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
    Default::new((1, 27, 3), "TLSv1.2 TLSv1.3"),
];

/// Sorted by name.
static DEFAULTS: &[(&str, &str)] = &[
    ("absolute_redirect", "on"),
    ("access_log", "logs/access.log combined"),
    ("add_header_inherit", "on"),
    ("add_trailer_inherit", "on"),
    ("auth_basic", "off"),
    ("auth_delay", "0s"),
    ("auth_request", "off"),
    ("autoindex", "off"),
    ("autoindex_exact_size", "on"),
    ("autoindex_format", "html"),
    ("autoindex_localtime", "off"),
    ("charset", "off"),
    ("chunked_transfer_encoding", "on"),
    ("client_body_in_file_only", "off"),
    ("client_body_timeout", "60s"),
    ("client_header_buffer_size", "1k"),
    ("client_header_timeout", "60s"),
    ("client_max_body_size", "1m"),
    ("default_type", "text/plain"),
    ("disable_symlinks", "off"),
    ("error_log", "logs/error.log error"),
    ("etag", "on"),
    ("expires", "off"),
    ("fastcgi_buffering", "on"),
    ("fastcgi_connect_timeout", "60s"),
    ("fastcgi_intercept_errors", "off"),
    ("fastcgi_pass_request_headers", "on"),
    ("fastcgi_read_timeout", "60s"),
    ("fastcgi_send_timeout", "60s"),
    ("grpc_connect_timeout", "60s"),
    ("grpc_intercept_errors", "off"),
    ("grpc_read_timeout", "60s"),
    ("grpc_ssl_verify", "off"),
    ("gzip", "off"),
    ("gzip_comp_level", "1"),
    ("gzip_http_version", "1.1"),
    ("gzip_min_length", "20"),
    ("gzip_proxied", "off"),
    ("gzip_static", "off"),
    ("gzip_types", "text/html"),
    ("gzip_vary", "off"),
    ("http2", "off"),
    ("if_modified_since", "exact"),
    ("ignore_invalid_headers", "on"),
    ("index", "index.html"),
    ("keepalive_disable", "msie6"),
    ("keepalive_time", "1h"),
    ("keepalive_timeout", "75s"),
    ("large_client_header_buffers", "4 8k"),
    ("limit_conn_dry_run", "off"),
    ("limit_conn_log_level", "error"),
    ("limit_conn_status", "503"),
    ("limit_rate", "0"),
    ("limit_req_dry_run", "off"),
    ("limit_req_log_level", "error"),
    ("limit_req_status", "503"),
    ("log_not_found", "on"),
    ("log_subrequest", "off"),
    ("merge_slashes", "on"),
    ("port_in_redirect", "on"),
    ("proxy_buffering", "on"),
    ("proxy_cache", "off"),
    ("proxy_cache_key", "$scheme$proxy_host$request_uri"),
    ("proxy_cache_lock", "off"),
    ("proxy_cache_methods", "GET HEAD"),
    ("proxy_cache_min_uses", "1"),
    ("proxy_cache_revalidate", "off"),
    ("proxy_cache_use_stale", "off"),
    ("proxy_connect_timeout", "60s"),
    ("proxy_cookie_domain", "off"),
    ("proxy_cookie_flags", "off"),
    ("proxy_cookie_path", "off"),
    ("proxy_ignore_client_abort", "off"),
    ("proxy_intercept_errors", "off"),
    ("proxy_next_upstream", "error timeout"),
    ("proxy_pass_request_body", "on"),
    ("proxy_pass_request_headers", "on"),
    ("proxy_read_timeout", "60s"),
    ("proxy_redirect", "default"),
    ("proxy_request_buffering", "on"),
    ("proxy_send_timeout", "60s"),
    ("proxy_ssl_server_name", "off"),
    ("proxy_ssl_session_reuse", "on"),
    ("proxy_ssl_verify", "off"),
    ("proxy_ssl_verify_depth", "1"),
    ("proxy_store", "off"),
    ("real_ip_header", "X-Real-IP"),
    ("real_ip_recursive", "off"),
    ("recursive_error_pages", "off"),
    ("reset_timedout_connection", "off"),
    ("resolver_timeout", "30s"),
    ("root", "html"),
    ("satisfy", "all"),
    ("send_timeout", "60s"),
    ("sendfile", "off"),
    ("server_name_in_redirect", "off"),
    ("server_tokens", "on"),
    ("ssi", "off"),
    ("ssl", "off"),
    ("ssl_buffer_size", "16k"),
    ("ssl_ciphers", "HIGH:!aNULL:!MD5"),
    ("ssl_early_data", "off"),
    ("ssl_ecdh_curve", "auto"),
    ("ssl_ocsp", "off"),
    ("ssl_prefer_server_ciphers", "off"),
    ("ssl_reject_handshake", "off"),
    ("ssl_session_cache", "none"),
    ("ssl_session_tickets", "on"),
    ("ssl_session_timeout", "5m"),
    ("ssl_stapling", "off"),
    ("ssl_stapling_verify", "off"),
    ("ssl_verify_client", "off"),
    ("ssl_verify_depth", "1"),
    ("sub_filter_last_modified", "off"),
    ("sub_filter_once", "on"),
    ("sub_filter_types", "text/html"),
    ("tcp_nodelay", "on"),
    ("tcp_nopush", "off"),
    ("types_hash_max_size", "1024"),
    ("underscores_in_headers", "off"),
    ("uwsgi_buffering", "on"),
    ("uwsgi_connect_timeout", "60s"),
    ("uwsgi_intercept_errors", "off"),
    ("uwsgi_pass_request_headers", "on"),
    ("uwsgi_read_timeout", "60s"),
    ("uwsgi_send_timeout", "60s"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_sorted() {
        assert!(DEFAULTS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(default("client_max_body_size", None), Some("1m"));
        assert_eq!(default("add_header", None), None);
        assert_eq!(default("ssl_protocols", None), None);
        let old = default("ssl_protocols", Some((1, 22, 1)));
        assert_eq!(old, Some("TLSv1 TLSv1.1 TLSv1.2"));
        let new = default("ssl_protocols", Some((1, 29, 0)));
        assert_eq!(new, Some("TLSv1.2 TLSv1.3"));
    }
}
