//! What services that grade sites would say of the live one, for the head of a report.

use tightship_model::site::http::Purpose;
use tightship_model::{Deployment, SiteGrade};

use crate::http::{hsts_of, observatory};
use crate::tls::grade;

/// The grade of each service whose rules are followed; empty where no site was looked at.
pub fn site_grades(deployment: &Deployment) -> Vec<SiteGrade> {
    match deployment.site {
        Some(_) => vec![ssl_labs(deployment), observatory(deployment)],
        None => Vec::new(),
    }
}

fn ssl_labs(deployment: &Deployment) -> SiteGrade {
    let tls = deployment.site.as_ref().and_then(|site| site.tls.as_ref());
    let graded = match tls {
        Some(tls) => grade::grade(tls, hsts_of(deployment), deployment.now),
        None => Err("TLS was not asked for".to_owned()),
    };
    let detail = match &graded {
        Ok(graded) => {
            let why = match graded.reasons.first() {
                Some(reason) => format!("{}: {}", reason.clause, reason.seen),
                None => graded.guide.clone(),
            };
            match graded.untried.as_slice() {
                [] => why,
                untried => format!("{why}; without {}", untried.join(" and ")),
            }
        }
        Err(_) => String::new(),
    };
    SiteGrade {
        by: "SSL Labs",
        grade: graded.map(|graded| graded.letter.name().to_owned()),
        detail,
        check: "tls/grade-low",
    }
}

fn observatory(deployment: &Deployment) -> SiteGrade {
    let http = deployment.site.as_ref().and_then(|site| site.http.as_ref());
    let page = http.and_then(|http| http.last(Purpose::Page));
    let scored = match &deployment.site {
        None => Err("the site was not looked at".to_owned()),
        Some(_) if page.is_some_and(|page| !page.is_secure()) => {
            Err("it scores sites that speak HTTPS".to_owned())
        }
        Some(site) => observatory::score(site),
    };
    SiteGrade {
        by: "HTTP Observatory",
        detail: match &scored {
            Ok(scored) => format!("score {}", scored.score),
            Err(_) => String::new(),
        },
        grade: scored.map(|scored| scored.grade.to_owned()),
        check: "http/observatory-grade-low",
    }
}
