//! nginx alone: what its configuration makes of requests, whatever stands behind it.
//!
//! Claims about nginx were tried with nginx 1.22.1, or are cited from its documentation.

mod access;
mod access_log_off;
mod admin_open;
mod alias_traversal;
mod allow_without_deny;
mod body_unlimited;
mod buffering_off;
mod bytes;
mod cache_keeps_cookies;
mod capture_after_rewrite;
mod capture_missing;
mod captures_overlap;
mod ciphers;
mod content;
mod content_type_by_add_header;
mod context;
mod cors_open;
mod curve_unsupported;
mod default_server_implied;
mod definition_unused;
mod early_data_unguarded;
mod error_log_lost;
mod filesystem_root_served;
mod forwarded_from_client;
mod header;
mod header_injection;
mod header_lost_on_errors;
mod header_over_lines;
mod header_twice;
pub(crate) mod headers_dropped;
mod host_forged;
mod hsts_missing;
mod hsts_short;
mod http_not_redirected;
mod if_in_location;
mod judgement;
mod limit_key_forged;
mod listen;
mod listing_open;
mod location_dead;
mod log_holds_secrets;
mod map_without_default;
mod misdirected_request;
mod nosniff_missing;
mod origin;
mod origin_regex_loose;
mod path_altered;
mod pattern;
mod proxy_headers_dropped;
mod proxy_headers_missing;
mod proxy_target_chosen_by_client;
mod quic_packets_lost;
mod real_ip_from_anyone;
mod real_ip_unread;
mod referer_optional;
mod refused;
mod regex_slow;
mod release;
mod requests_unlimited;
mod resolver_external;
mod return_bypasses_access;
mod server_name_conflict;
mod session_tickets_kept;
mod site;
mod stapling;
mod stapling_without_resolver;
mod stapling_without_responder;
mod status_page_open;
mod target;
mod text_uncompressed;
mod tls_cipher_weak;
mod tls_protocol_ignored;
mod tls_protocol_old;
mod unknown_host_answered;
mod upstream_address_stale;
mod upstream_in_clear;
mod upstream_unverified;
mod variables;
mod version_shown;
mod worker_as_root;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[
    &alias_traversal::CHECK,
    &filesystem_root_served::CHECK,
    &proxy_target_chosen_by_client::CHECK,
    &header_injection::CHECK,
    &host_forged::CHECK,
    &origin_regex_loose::CHECK,
    &allow_without_deny::CHECK,
    &return_bypasses_access::CHECK,
    &status_page_open::CHECK,
    &referer_optional::CHECK,
    &headers_dropped::CHECK,
    &header_twice::CHECK,
    &proxy_headers_dropped::CHECK,
    &header_over_lines::CHECK,
    &content_type_by_add_header::CHECK,
    &path_altered::CHECK,
    &capture_missing::CHECK,
    &captures_overlap::CHECK,
    &capture_after_rewrite::CHECK,
    &regex_slow::CHECK,
    &map_without_default::CHECK,
    &if_in_location::CHECK,
    &default_server_implied::CHECK,
    &misdirected_request::CHECK,
    &resolver_external::CHECK,
    &upstream_address_stale::CHECK,
    &buffering_off::CHECK,
    &quic_packets_lost::CHECK,
    &curve_unsupported::CHECK,
    &stapling_without_responder::CHECK,
    &stapling_without_resolver::CHECK,
    &error_log_lost::CHECK,
    &version_shown::CHECK,
    &refused::CHECK,
    &http_not_redirected::CHECK,
    &tls_protocol_old::CHECK,
    &tls_protocol_ignored::CHECK,
    &early_data_unguarded::CHECK,
    &text_uncompressed::CHECK,
    &tls_cipher_weak::CHECK,
    &session_tickets_kept::CHECK,
    &hsts_missing::CHECK,
    &hsts_short::CHECK,
    &header_lost_on_errors::CHECK,
    &nosniff_missing::CHECK,
    &cors_open::CHECK,
    &forwarded_from_client::CHECK,
    &proxy_headers_missing::CHECK,
    &real_ip_from_anyone::CHECK,
    &real_ip_unread::CHECK,
    &upstream_in_clear::CHECK,
    &upstream_unverified::CHECK,
    &requests_unlimited::CHECK,
    &limit_key_forged::CHECK,
    &definition_unused::CHECK,
    &body_unlimited::CHECK,
    &admin_open::CHECK,
    &listing_open::CHECK,
    &unknown_host_answered::CHECK,
    &server_name_conflict::CHECK,
    &location_dead::CHECK,
    &cache_keeps_cookies::CHECK,
    &log_holds_secrets::CHECK,
    &access_log_off::CHECK,
    &worker_as_root::CHECK,
];
