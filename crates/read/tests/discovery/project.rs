//! A project that a test writes.

use std::path::Path;

use tightship_model::Deployment;
use tightship_read::{Options, read};

/// A project in a folder of its own that holds these files.
pub(crate) struct Project(tempfile::TempDir);

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
            std::fs::write(path, text).expect("the file");
        }
        Self(folder)
    }

    /// With a manage.py that names `shop.settings.dev`, and the modules `shop.settings.{dev,prod}`.
    pub(crate) fn shop(files: &[(&str, &str)]) -> Self {
        let mut all = vec![
            ("manage.py", MANAGE),
            ("shop/__init__.py", ""),
            ("shop/settings/__init__.py", ""),
            (
                "shop/settings/dev.py",
                "INSTALLED_APPS = []\nDEBUG = True\n",
            ),
            (
                "shop/settings/prod.py",
                "INSTALLED_APPS = []\nDEBUG = False\n",
            ),
        ];
        all.extend(files);
        Self::new(&all)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self) -> Deployment {
        self.read_with(&Options::default())
    }

    pub(crate) fn read_with(&self, options: &Options) -> Deployment {
        read(self.path(), options).expect("a deployment")
    }
}

pub(crate) const MANAGE: &str = "import os, sys\nfrom django.core.management import execute_from_command_line\n\
                      os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.dev')\n";

pub(crate) const WSGI: &str =
    "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.prod')\n";
