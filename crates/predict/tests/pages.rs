//! The pages that a project names are found as Django's own `resolve_url` and `reverse` find them.

use tightship_model::Deployment;
use tightship_predict::guarded::guarded;
use tightship_predict::pages::{Pages, pages};
use tightship_read::Options;

fn of(settings: &str, urls: &str) -> Pages {
    pages(&project(settings, urls))
}

fn project(settings: &str, urls: &str) -> Deployment {
    let folder = tempfile::tempdir().expect("a folder");
    let manage = "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n";
    let settings = format!("ROOT_URLCONF = \"urls\"\n{settings}");
    let imports = "from django.urls import include, path\nfrom django.contrib import admin\n";
    for (file, text) in [
        ("manage.py", manage),
        ("settings.py", &settings),
        ("urls.py", &format!("{imports}{urls}")),
    ] {
        std::fs::write(folder.path().join(file), text).expect("a file");
    }
    tightship_read::read(folder.path(), &Options::default()).expect("a project")
}

#[test]
fn an_address_of_the_settings_is_taken_as_it_is() {
    let found = of(
        "LOGIN_URL = \"/enter/\"\nSTATIC_URL = \"assets/\"\nMEDIA_URL = \"/files/\"\n",
        "urlpatterns = [path(\"back-office/\", admin.site.urls)]\n",
    );
    assert_eq!(found.login.as_deref(), Some("/enter/"));
    assert_eq!(found.admin.as_deref(), Some("/back-office/"));
    assert_eq!(found.static_folder.as_deref(), Some("/assets/"));
    assert_eq!(found.media_folder.as_deref(), Some("/files/"));
}

#[test]
fn a_name_is_looked_up_among_the_routes() {
    let urls = "from django.contrib.auth.views import LoginView\n\
                urlpatterns = [\n\
                    path(\"members/\", include([path(\"enter/\", LoginView.as_view(), name=\"enter\")])),\n\
                ]\n";
    let found = of("LOGIN_URL = \"members:enter\"\n", urls);
    assert_eq!(found.login.as_deref(), Some("/members/enter/"));
    let found = of("", urls);
    assert_eq!(
        found.login.as_deref(),
        Some("/members/enter/"),
        "by its view"
    );
}

#[test]
fn the_logins_of_packages_stand_below_their_route() {
    for package in [
        "allauth.urls",
        "allauth.account.urls",
        "django.contrib.auth.urls",
    ] {
        let urls = format!("urlpatterns = [path(\"me/\", include(\"{package}\"))]\n");
        let found = of("LOGIN_URL = \"account_login\"\n", &urls);
        assert_eq!(found.login.as_deref(), Some("/me/login/"), "{package}");
    }
}

#[test]
fn the_login_of_an_api_is_known_by_its_view() {
    for (routes, wanted) in [
        (
            "from rest_framework_simplejwt.views import TokenObtainPairView\n\
             urlpatterns = [path(\"api/token/\", TokenObtainPairView.as_view())]\n",
            Some("/api/token/"),
        ),
        (
            "from shop.views import OwnTokenView\n\
             urlpatterns = [path(\"v1/\", include([\n\
                 path(\"token\", OwnTokenView.as_view(), name=\"token_obtain_pair\")]))]\n",
            Some("/v1/token"),
        ),
        (
            "from rest_framework.authtoken import views\n\
             urlpatterns = [path(\"api-token-auth/\", views.obtain_auth_token)]\n",
            Some("/api-token-auth/"),
        ),
        (
            "urlpatterns = [path(\"api/auth/\", include(\"dj_rest_auth.urls\"))]\n",
            Some("/api/auth/login/"),
        ),
        (
            "urlpatterns = [path(\"_allauth/\", include(\"allauth.headless.urls\"))]\n",
            Some("/_allauth/app/v1/auth/login"),
        ),
        (
            "from rest_framework_simplejwt.views import TokenRefreshView\n\
             urlpatterns = [path(\"api/token/refresh/\", TokenRefreshView.as_view())]\n",
            None,
        ),
    ] {
        let found = of("", routes).api_login;
        assert_eq!(found.as_deref(), wanted, "{routes}");
    }
}

#[test]
fn pages_stand_below_their_language() {
    let urls = "from django.conf.urls.i18n import i18n_patterns\n\
                urlpatterns = i18n_patterns(path(\"admin/\", admin.site.urls))\n";
    let found = of("LANGUAGE_CODE = \"de\"\n", urls);
    assert_eq!(found.admin.as_deref(), Some("/de/admin/"));
}

#[test]
fn what_is_elsewhere_or_not_known_is_not_told() {
    let found = of(
        "import os\n\
         LOGIN_URL = os.environ[\"LOGIN\"]\n\
         STATIC_URL = \"https://cdn.example/static/\"\n\
         MEDIA_URL = \"//media.example/\"\n",
        "urlpatterns = [path(\"<slug:shop>/admin/\", admin.site.urls)]\n",
    );
    assert_eq!(found, Pages::default());
    let login = of("LOGIN_URL = \"//sso.example/\"\n", "urlpatterns = []\n").login;
    assert_eq!(login, None);
}

/// The paths that a stranger may ask for, to see whether he is refused.
fn refused(routes: &str) -> Vec<String> {
    let urls = format!(
        "from django.contrib.auth.decorators import (\n\
             login_required as login, permission_required, user_passes_test)\n\
         from django.contrib.admin.views.decorators import staff_member_required as staff\n\
         from django.views.decorators.cache import never_cache\n\
         from django.conf.urls.i18n import i18n_patterns\n\
         from shop import views, chosen\n\
         urlpatterns = [{routes}]\n"
    );
    let project = project("LANGUAGE_CODE = \"de\"\n", &urls);
    let found = guarded(&project).into_iter();
    found.map(|one| one.path).collect()
}

#[test]
fn pages_behind_a_login_are_found_by_what_wraps_their_view() {
    let found = refused("path(\"me/\", include([path(\"orders/\", login(views.orders))]))");
    assert_eq!(found, ["/me/orders/"]);
    for wrapped in [
        "staff(views.page)",
        "permission_required(\"shop.view_order\")(views.page)",
        "login(views.Page.as_view())",
        "never_cache(login(views.page))",
    ] {
        let found = refused(&format!("path(\"page/\", {wrapped})"));
        assert_eq!(found, ["/page/"], "{wrapped}");
    }
    let prefixed = "*i18n_patterns(path(\"page/\", login(views.page)))";
    assert_eq!(refused(prefixed), ["/de/page/"]);
}

#[test]
fn no_more_than_two_pages_are_asked_for() {
    let routes: Vec<_> = (0..9)
        .map(|number| format!("path(\"page{number}/\", login(views.page))"))
        .collect();
    assert_eq!(refused(&routes.join(", ")), ["/page0/", "/page1/"]);
}

#[test]
fn pages_that_act_or_whose_guard_is_not_certain_are_left_alone() {
    for routes in [
        "path(\"page/\", views.page)",
        "path(\"page/<int:pk>/\", login(views.page))",
        "path(\"log-out/\", login(views.page))",
        "path(\"page/\", login(views.page), name=\"export_orders\")",
        "path(\"page/\", login(views.delete_account))",
        "path(\"page/\", login(views.AccountDeleteView.as_view()))",
        "path(\"page/\", user_passes_test(views.is_new)(views.page))",
        "path(\"page/\", chosen.either(login(views.page)))",
        "path(\"<slug:any>/\", views.any), path(\"page/\", login(views.page))",
        "path(\"/elsewhere.example/\", login(views.page))",
        "path(\"\\\\elsewhere.example/\", login(views.page))",
        "path(\"me/../page/\", login(views.page))",
        "path(\"page#top\", login(views.page))",
    ] {
        assert_eq!(refused(routes), [""; 0], "{routes}");
    }
}
