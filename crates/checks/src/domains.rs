//! Domains that many share.

/// Domains under which anyone can have a host within minutes; each is in the private section of the
/// Public Suffix List.
pub(crate) const SHARED_DOMAINS: [&str; 25] = [
    "amplifyapp.com",
    "appspot.com",
    "azurestaticapps.net",
    "azurewebsites.net",
    "cloudfront.net",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "pythonanywhere.com",
    "run.app",
    "surge.sh",
    "up.railway.app",
    "vercel.app",
    "web.app",
    "workers.dev",
];
