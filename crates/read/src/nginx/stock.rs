//! Files that nginx's packages and images bring, as far as their content is the same everywhere.

use tightship_model::compose::ImageReference;

/// What an image of nginx is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// The end of the repository's name; `*` stands for any.
    repository: &'static str,
    /// The file that nginx opens first.
    pub(super) root: &'static str,
    /// Whether it is the official image, whose files are in [`content`], or one made like it.
    pub(super) is_official: bool,
    /// Whether its entrypoint renders the templates of `/etc/nginx/templates`.
    pub(super) has_templates: bool,
    /// What its `http` block takes in, where the file itself is not known.
    pub(super) sites: &'static [&'static str],
}

/// The family of an image: the nearest that is known.
pub(super) fn family(image: Option<&ImageReference>) -> Family {
    let repository = image.map_or("", |image| image.repository.as_str());
    let found = FAMILIES
        .iter()
        .find(|family| family.repository == repository);
    *found.unwrap_or(&OTHER)
}

/// The release of nginx that a tag names: `1.29-alpine` is the last of 1.29, whose patch is
/// `u32::MAX`.
pub(super) fn release(image: &ImageReference) -> Option<(u32, u32, u32)> {
    if !family(Some(image)).is_official {
        return None;
    }
    let tag = image.tag.as_deref()?;
    let mut numbers = tag.split('-').next()?.split('.').map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some((
        major,
        minor,
        numbers.next().and_then(Result::ok).unwrap_or(u32::MAX),
    ))
}

/// The content of a file that the project does not hold. `image` tells whether the official image
/// is sure to hold it.
pub(super) fn content(path: &str, is_official: bool) -> Option<&'static str> {
    let everywhere = [
        // nginx 1.31.5, conf/: the same in each package and image.
        ("mime.types", include_str!("stock/mime.types")),
        ("fastcgi_params", include_str!("stock/fastcgi_params")),
        ("uwsgi_params", include_str!("stock/uwsgi_params")),
        ("scgi_params", include_str!("stock/scgi_params")),
        // Debian 12, package nginx-common.
        ("proxy_params", include_str!("stock/proxy_params")),
        // Certbot 5, certbot_nginx/_internal/tls_configs.
        (
            "options-ssl-nginx.conf",
            include_str!("stock/options-ssl-nginx.conf"),
        ),
    ];
    // The official image 1.31, with what its entrypoint adds to default.conf.
    let official = [
        ("/etc/nginx/nginx.conf", include_str!("stock/nginx.conf")),
        (
            "/etc/nginx/conf.d/default.conf",
            include_str!("stock/default.conf"),
        ),
    ];
    let own = official
        .iter()
        .find(|(name, _)| is_official && *name == path);
    let (folder, name) = path.rsplit_once('/')?;
    let is_usual = matches!(
        folder,
        "/etc/nginx"
            | "/etc/letsencrypt"
            | "/opt/bitnami/nginx/conf"
            | "/usr/local/openresty/nginx/conf"
    );
    let shared = everywhere
        .iter()
        .find(|(usual, _)| is_usual && *usual == name);
    own.or(shared).map(|(_, text)| *text)
}

/// The files of the official image that a pattern may match.
pub(super) const OFFICIAL: [&str; 1] = ["/etc/nginx/conf.d/default.conf"];

/// The image that is not known: as packages of distributions lay nginx out.
const OTHER: Family = Family {
    repository: "",
    root: "/etc/nginx/nginx.conf",
    is_official: false,
    has_templates: false,
    sites: &[
        "/etc/nginx/conf.d/*.conf",
        "/etc/nginx/sites-enabled/*",
        "/etc/nginx/http.d/*.conf",
    ],
};

const OFFICIAL_FAMILY: Family = Family {
    repository: "library/nginx",
    is_official: true,
    has_templates: true,
    sites: &["/etc/nginx/conf.d/*.conf"],
    ..OTHER
};

const FAMILIES: [Family; 6] = [
    OFFICIAL_FAMILY,
    Family {
        repository: "nginx/nginx",
        ..OFFICIAL_FAMILY
    },
    // Its files listen on 8080 and differ a little.
    Family {
        repository: "nginxinc/nginx-unprivileged",
        is_official: false,
        ..OFFICIAL_FAMILY
    },
    Family {
        repository: "jonasal/nginx-certbot",
        sites: &["/etc/nginx/conf.d/*.conf", "/etc/nginx/user_conf.d/*.conf"],
        is_official: false,
        ..OFFICIAL_FAMILY
    },
    Family {
        repository: "bitnami/nginx",
        root: "/opt/bitnami/nginx/conf/nginx.conf",
        sites: &["/opt/bitnami/nginx/conf/server_blocks/*.conf"],
        ..OTHER
    },
    Family {
        repository: "openresty/openresty",
        root: "/usr/local/openresty/nginx/conf/nginx.conf",
        sites: &["/etc/nginx/conf.d/*.conf"],
        ..OTHER
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_releases() {
        let of = |text| release(&ImageReference::parse(text)?);
        assert_eq!(of("nginx:1.27.3-alpine"), Some((1, 27, 3)));
        assert_eq!(of("nginx:1.29-alpine3.22"), Some((1, 29, u32::MAX)));
        assert_eq!(of("nginx:latest"), None);
        assert_eq!(of("nginx"), None);
        assert_eq!(of("bitnami/nginx:1.27.3"), None);
    }
}
