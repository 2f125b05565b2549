//! The security rules of other tools for Compose files and Dockerfiles, and what judges them here.
//!
//! Names as their authors publish them: dclint 3.1 (its `docs/rules`), KICS 2.1 (queries for
//! DockerCompose), hadolint 2.15 (its wiki), Trivy (checks DS-0001 to DS-0031) and the build checks of
//! BuildKit (docs.docker.com/reference/build-checks).

use std::collections::BTreeSet;

use tightship_checks::catalog;

/// What becomes of a peer's rule.
enum Here {
    /// Judged by these checks.
    Check(&'static [&'static str]),
    /// Not judged, and why.
    LeftOut(&'static str),
}
use Here::{Check, LeftOut};

const STYLE: &str = "order, names and quotes: no effect on what runs";
const SIZE: &str = "size and speed of the build: no effect on safety";
const VALIDITY: &str = "the builder itself refuses it or says so";

const DCLINT: &[(&str, Here)] = &[
    (
        "no-build-and-image",
        LeftOut("names the image that is built: useful and safe"),
    ),
    ("no-duplicate-container-names", LeftOut(VALIDITY)),
    ("no-duplicate-exported-ports", LeftOut(VALIDITY)),
    ("no-quotes-in-volumes", LeftOut(STYLE)),
    (
        "no-unbound-port-interfaces",
        Check(&[
            "compose/database-published",
            "compose/admin-tool-published",
            "compose/app-server-published",
        ]),
    ),
    ("no-version-field", LeftOut(STYLE)),
    ("require-project-name-field", LeftOut(STYLE)),
    (
        "require-quotes-in-ports",
        LeftOut("the reader takes ports as Compose does"),
    ),
    ("service-container-name-regex", LeftOut(VALIDITY)),
    ("service-dependencies-alphabetical-order", LeftOut(STYLE)),
    (
        "service-image-require-explicit-tag",
        Check(&["compose/floating-image"]),
    ),
    ("service-keys-order", LeftOut(STYLE)),
    ("service-ports-alphabetical-order", LeftOut(STYLE)),
    ("services-alphabetical-order", LeftOut(STYLE)),
    ("top-level-properties-order", LeftOut(STYLE)),
];

const KICS: &[(&str, Here)] = &[
    ("Cgroup Not Default", Check(&["compose/host-namespace"])),
    (
        "Container Capabilities Unrestricted",
        Check(&["compose/capability-dangerous"]),
    ),
    (
        "Container Traffic Not Bound To Host Interface",
        Check(&["compose/database-published", "compose/app-server-published"]),
    ),
    (
        "Cpus Not Limited",
        LeftOut("a container that takes all processors slows the others, and no more"),
    ),
    (
        "Default Seccomp Profile Disabled",
        Check(&["compose/profile-off"]),
    ),
    (
        "Docker Socket Mounted In Container",
        Check(&["compose/docker-socket-mounted"]),
    ),
    (
        "Healthcheck Not Set",
        Check(&["compose/healthcheck-missing"]),
    ),
    (
        "Host Namespace is Shared",
        Check(&["compose/host-namespace"]),
    ),
    ("Memory Not Limited", Check(&["compose/limits-missing"])),
    (
        "Networks Not Set",
        LeftOut("Compose makes a network of its own for each project"),
    ),
    (
        "No New Privileges Not Set",
        Check(&["compose/privilege-gain"]),
    ),
    (
        "Pids Limit Not Set",
        LeftOut("Docker's service sets a limit of tasks for all containers"),
    ),
    (
        "Privileged Containers Enabled",
        Check(&["compose/privileged"]),
    ),
    (
        "Privileged Ports Mapped In Container",
        LeftOut("80 and 443 are what a site is for; others are judged by what answers there"),
    ),
    (
        "Restart Policy On Failure Not Set To 5",
        Check(&["compose/restart-missing"]),
    ),
    (
        "Security Opt Not Set",
        Check(&["compose/profile-off", "compose/privilege-gain"]),
    ),
    (
        "Shared Host IPC Namespace",
        Check(&["compose/host-namespace"]),
    ),
    (
        "Shared Host Network Namespace",
        Check(&["compose/host-namespace"]),
    ),
    (
        "Shared Host User Namespace",
        Check(&["compose/host-namespace"]),
    ),
    (
        "Shared Volumes Between Containers",
        LeftOut("nginx and the site share static files by design"),
    ),
    (
        "Volume Has Sensitive Host Directory",
        Check(&["compose/host-folder-mounted"]),
    ),
    (
        "Volume Mounted In Multiple Containers",
        Check(&["compose/sharing-propagated"]),
    ),
    (
        "Passwords And Secrets",
        Check(&[
            "compose/secret-in-file",
            "compose/password-weak",
            "compose/default-secret",
        ]),
    ),
];

const HADOLINT: &[(&str, Here)] = &[
    (
        "DL3002 last user should not be root",
        Check(&["docker/runs-as-root"]),
    ),
    ("DL3004 no sudo", Check(&["docker/sudo-installed"])),
    (
        "DL3005 no dist-upgrade",
        LeftOut("updates in the build are rather a gain"),
    ),
    (
        "DL3006 tag the version of the base",
        Check(&["docker/base-floating"]),
    ),
    ("DL3007 no latest", Check(&["docker/base-floating"])),
    (
        "DL3008 pin versions of apt",
        LeftOut("a pinned version of Debian is gone with its next update"),
    ),
    ("DL3009 delete the lists of apt", LeftOut(SIZE)),
    ("DL3011 valid ports", LeftOut(VALIDITY)),
    (
        "DL3013 pin versions of pip",
        LeftOut("judged where requirements are"),
    ),
    (
        "DL3016 pin versions of npm",
        LeftOut("judged where lock files are"),
    ),
    (
        "DL3018 pin versions of apk",
        LeftOut("Alpine keeps no old versions"),
    ),
    (
        "DL3020 COPY instead of ADD",
        Check(&["docker/download-unchecked"]),
    ),
    (
        "DL3026 trusted registries",
        LeftOut("whom one trusts is the team's own list"),
    ),
    ("DL3042 no cache of pip", LeftOut(SIZE)),
    ("DL3047 wget with progress", LeftOut(STYLE)),
    (
        "DL3057 HEALTHCHECK is missing",
        Check(&["compose/healthcheck-missing"]),
    ),
    (
        "DL3064 secrets in ARG or ENV",
        Check(&["docker/secret-in-variable"]),
    ),
    ("DL4005 SHELL for the default shell", LeftOut(STYLE)),
    (
        "DL4006 pipefail before RUN with a pipe",
        Check(&["docker/remote-script-run"]),
    ),
    (
        "DL1001 no pragmas that ignore",
        LeftOut("an accepted finding is the team's own word"),
    ),
    ("DL3000 absolute WORKDIR", LeftOut(STYLE)),
    (
        "DL3001 no ssh, vim or service",
        Check(&["docker/ssh-server"]),
    ),
    ("DL3003 WORKDIR instead of cd", LeftOut(STYLE)),
    ("DL3010 ADD for archives", LeftOut(SIZE)),
    ("DL3012 several HEALTHCHECK", LeftOut(VALIDITY)),
    ("DL3014 apt-get with -y", LeftOut(VALIDITY)),
    ("DL3015 no recommended packages", LeftOut(SIZE)),
    ("DL3019 apk without its cache", LeftOut(SIZE)),
    ("DL3021 COPY of several without a slash", LeftOut(VALIDITY)),
    ("DL3022 COPY --from names no stage", LeftOut(VALIDITY)),
    ("DL3023 COPY --from own alias", LeftOut(VALIDITY)),
    ("DL3024 stage names are unique", LeftOut(VALIDITY)),
    (
        "DL3025 JSON form of CMD",
        LeftOut("a shell before the server delays its end, and no more"),
    ),
    ("DL3027 apt-get instead of apt", LeftOut(STYLE)),
    (
        "DL3028 pin versions of gem",
        LeftOut("judged where lock files are"),
    ),
    ("DL3029 no --platform", LeftOut(STYLE)),
    ("DL3030 yum with -y", LeftOut(VALIDITY)),
    ("DL3032 yum clean all", LeftOut(SIZE)),
    (
        "DL3033 pin versions of yum",
        LeftOut("a pinned version is gone with its next update"),
    ),
    ("DL3034 zypper without questions", LeftOut(VALIDITY)),
    (
        "DL3035 no zypper dist-upgrade",
        LeftOut("updates in the build are rather a gain"),
    ),
    ("DL3036 zypper clean", LeftOut(SIZE)),
    (
        "DL3037 pin versions of zypper",
        LeftOut("a pinned version is gone with its next update"),
    ),
    ("DL3038 dnf with -y", LeftOut(VALIDITY)),
    ("DL3040 dnf clean all", LeftOut(SIZE)),
    (
        "DL3041 pin versions of dnf",
        LeftOut("a pinned version is gone with its next update"),
    ),
    ("DL3043 ONBUILD of ONBUILD", LeftOut(VALIDITY)),
    (
        "DL3044 ENV that reads itself",
        LeftOut("the reader takes it as the builder does"),
    ),
    ("DL3045 COPY without WORKDIR", LeftOut(STYLE)),
    ("DL3046 useradd without -l", LeftOut(SIZE)),
    ("DL3048 invalid key of a label", LeftOut(STYLE)),
    ("DL3049 a label is missing", LeftOut(STYLE)),
    ("DL3050 a label too many", LeftOut(STYLE)),
    ("DL3051 an empty label", LeftOut(STYLE)),
    ("DL3052 a label that is no address", LeftOut(STYLE)),
    ("DL3053 a label that is no time", LeftOut(STYLE)),
    ("DL3054 a label that is no licence", LeftOut(STYLE)),
    ("DL3055 a label that is no hash of git", LeftOut(STYLE)),
    ("DL3056 a label that is no version", LeftOut(STYLE)),
    ("DL3058 a label that is no mail address", LeftOut(STYLE)),
    ("DL3059 several RUN", LeftOut(SIZE)),
    ("DL3060 yarn cache clean", LeftOut(SIZE)),
    ("DL3061 order of instructions", LeftOut(VALIDITY)),
    (
        "DL3062 pin versions of go",
        LeftOut("judged where lock files are"),
    ),
    ("DL3063 reserved name of a stage", LeftOut(VALIDITY)),
    ("DL3065 redundant --platform", LeftOut(STYLE)),
    (
        "DL3066 USER by name",
        LeftOut("which host maps the number is not told"),
    ),
    (
        "DL3067 a whole file system from another stage",
        Check(&["docker/secret-file-in-image"]),
    ),
    ("DL4000 MAINTAINER", LeftOut(STYLE)),
    ("DL4001 wget or curl", LeftOut(SIZE)),
    ("DL4003 several CMD", LeftOut(VALIDITY)),
    ("DL4004 several ENTRYPOINT", LeftOut(VALIDITY)),
];

const TRIVY: &[(&str, Here)] = &[
    ("DS-0001 latest tag", Check(&["docker/base-floating"])),
    ("DS-0002 root user", Check(&["docker/runs-as-root"])),
    ("DS-0004 port 22 exposed", Check(&["docker/ssh-server"])),
    (
        "DS-0005 ADD instead of COPY",
        Check(&["docker/download-unchecked"]),
    ),
    ("DS-0006 COPY --from own alias", LeftOut(VALIDITY)),
    ("DS-0007 several ENTRYPOINT", LeftOut(VALIDITY)),
    ("DS-0008 port out of range", LeftOut(VALIDITY)),
    ("DS-0009 relative WORKDIR", LeftOut(STYLE)),
    ("DS-0010 sudo in RUN", Check(&["docker/sudo-installed"])),
    ("DS-0011 COPY of several without a slash", LeftOut(VALIDITY)),
    ("DS-0012 duplicate aliases", LeftOut(VALIDITY)),
    ("DS-0013 RUN cd", LeftOut(STYLE)),
    ("DS-0014 wget and curl", LeftOut(SIZE)),
    ("DS-0015 yum clean all", LeftOut(SIZE)),
    ("DS-0016 several CMD", LeftOut(VALIDITY)),
    (
        "DS-0017 update alone",
        LeftOut("an old list in the cache gives old packages; a build without cache does not"),
    ),
    ("DS-0019 dnf clean all", LeftOut(SIZE)),
    ("DS-0020 zypper clean", LeftOut(SIZE)),
    ("DS-0021 apt-get without -y", LeftOut(VALIDITY)),
    ("DS-0022 MAINTAINER", LeftOut(STYLE)),
    ("DS-0023 several HEALTHCHECK", LeftOut(VALIDITY)),
    (
        "DS-0024 dist-upgrade",
        LeftOut("updates in the build are rather a gain"),
    ),
    ("DS-0025 apk without --no-cache", LeftOut(SIZE)),
    (
        "DS-0026 no HEALTHCHECK",
        Check(&["compose/healthcheck-missing"]),
    ),
    (
        "DS-0029 apt-get without --no-install-recommends",
        LeftOut(SIZE),
    ),
    (
        "DS-0031 secrets in ARG or ENV",
        Check(&["docker/secret-in-variable"]),
    ),
];

const BUILDKIT: &[(&str, Here)] = &[
    ("ConsistentInstructionCasing", LeftOut(STYLE)),
    ("CopyIgnoredFile", LeftOut(VALIDITY)),
    ("DuplicateStageName", LeftOut(VALIDITY)),
    ("ExposeInvalidFormat", LeftOut(VALIDITY)),
    ("ExposeProtoCasing", LeftOut(STYLE)),
    ("FromAsCasing", LeftOut(STYLE)),
    ("FromPlatformFlagConstDisallowed", LeftOut(STYLE)),
    ("InvalidBaseImagePlatform", LeftOut(VALIDITY)),
    ("InvalidDefaultArgInFrom", LeftOut(VALIDITY)),
    ("InvalidDefinitionDescription", LeftOut(STYLE)),
    (
        "JSONArgsRecommended",
        LeftOut("a shell before the server delays its end, and no more"),
    ),
    ("LegacyKeyValueFormat", LeftOut(STYLE)),
    ("MaintainerDeprecated", LeftOut(STYLE)),
    ("MultipleInstructionsDisallowed", LeftOut(VALIDITY)),
    ("NoEmptyContinuation", LeftOut(STYLE)),
    ("RedundantTargetPlatform", LeftOut(STYLE)),
    ("ReservedStageName", LeftOut(VALIDITY)),
    (
        "SecretsUsedInArgOrEnv",
        Check(&["docker/secret-in-variable"]),
    ),
    ("StageNameCasing", LeftOut(STYLE)),
    ("UndefinedArgInFrom", LeftOut(VALIDITY)),
    ("UndefinedVar", LeftOut(VALIDITY)),
    ("WorkdirRelativePath", LeftOut(STYLE)),
];

#[test]
fn every_rule_of_a_peer_is_judged_or_left_out_for_a_reason() {
    let ids: BTreeSet<&str> = catalog().map(|check| check.id).collect();
    let mut judged = 0;
    for (peer, rules, total) in [
        ("dclint", DCLINT, 15),
        ("KICS", KICS, 23),
        ("hadolint", HADOLINT, 72),
        ("Trivy", TRIVY, 26),
        ("BuildKit", BUILDKIT, 22),
    ] {
        let names: BTreeSet<&str> = rules.iter().map(|(name, _)| *name).collect();
        assert_eq!((names.len(), rules.len()), (total, total), "{peer}");
        for (name, here) in rules {
            match here {
                Check(checks) => {
                    judged += 1;
                    for check in *checks {
                        assert!(
                            ids.contains(check),
                            "{peer}, {name}: there is no check {check}"
                        );
                    }
                }
                LeftOut(reason) => assert!(!reason.is_empty(), "{peer}, {name}"),
            }
        }
    }
    assert!(judged >= 30, "only {judged} rules are judged");
}
