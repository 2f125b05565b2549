//! nginx alone: what its configuration makes of requests, whatever stands behind it.
//!
//! Claims about nginx were tried with nginx 1.22.1, or are cited from its documentation.

mod access;
mod alias_traversal;
mod allow_without_deny;
mod buffering_off;
mod bytes;
mod capture_after_rewrite;
mod capture_missing;
mod captures_overlap;
mod content;
mod content_type_by_add_header;
mod context;
mod curve_unsupported;
mod default_server_implied;
mod error_log_lost;
mod filesystem_root_served;
mod header;
mod header_injection;
mod header_over_lines;
mod headers_dropped;
mod host_forged;
mod if_in_location;
mod judgement;
mod listen;
mod map_without_default;
mod misdirected_request;
mod origin;
mod origin_regex_loose;
mod path_altered;
mod pattern;
mod proxy_headers_dropped;
mod proxy_target_chosen_by_client;
mod quic_packets_lost;
mod referer_optional;
mod regex_slow;
mod release;
mod resolver_external;
mod return_bypasses_access;
mod stapling;
mod stapling_without_resolver;
mod stapling_without_responder;
mod status_page_open;
mod target;
mod upstream_address_stale;
mod variables;
mod version_shown;

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
];
