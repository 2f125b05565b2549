use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answered, http, shown, unseen};
use tightship_model::site::http::Purpose;

pub(super) static CHECK: Check = Check {
    id: "http/compression-missing",
    title: "Text is sent uncompressed",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["A5.4", "B6.7"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_gzip_module.html"),
        Reference::Rfc(9110, "12.5.3"),
    ],
    doc: include_str!("compression_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Less than this fits into one packet anyway.
const LEAST_BYTES: usize = 1400;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut small = None;
    for seen in http
        .all(Purpose::Compressed)
        .filter_map(|exchange| answered(exchange).ok())
    {
        let kind = seen.answer.value("content-type").unwrap_or_default();
        let is_asset = ["css", "javascript"].iter().any(|word| kind.contains(word));
        if !is_asset || !seen.answer.is_success() {
            continue;
        }
        if let Some(encoding) = seen.answer.value("content-encoding") {
            return Ok(seen.holds(
                format!("text is sent with {}", shown(encoding)),
                "Content-Encoding",
            ));
        }
        let bytes = seen.answer.content.bytes;
        if bytes >= LEAST_BYTES {
            return Ok(Outcome::Fail(vec![seen.on_header(
                "Content-Encoding",
                format!(
                    "visitors wait for several times as many bytes: {bytes} of {} come uncompressed",
                    shown(&seen.exchange.request.url)
                ),
                "Set `gzip on;` with `gzip_types text/css application/javascript …;` in nginx, or let \
                 WhiteNoise compress.",
            )]));
        }
        small = Some(bytes);
    }
    Err(match small {
        Some(bytes) => {
            Outcome::NotApplicable(format!("the asset has {bytes} bytes, less than a packet"))
        }
        None => unseen(
            "no style sheet or script of the site was seen",
            "name a page that loads one with --url",
        ),
    })
}
