//! Files: `try_files`, `index`, `autoindex` and what stands on the disk.

use tightship_model::Span;
use tightship_model::nginx::Word;

use super::{Content, Length, Next, Walk};
use crate::nginx::answer::{Body, Doubt, Header, Text};
use crate::nginx::location::Matcher;
use crate::nginx::request::Entry;
use crate::nginx::scope::Level;
use crate::nginx::uri::{self, Escape};

/// How paths become files in a place.
struct Root {
    /// The `root` or `alias` with its variables put in.
    text: String,
    kind: RootKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RootKind {
    /// The whole path is added.
    Root,
    /// The path without so many bytes at its start is added.
    Alias(usize),
    /// An `alias` in a location with a regular expression: it is the file itself.
    WholeAlias,
}

impl<'a> Walk<'_, 'a, '_> {
    /// [try_files](https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files); `None`
    /// where the content comes next.
    pub(super) fn try_files(&mut self) -> Result<Option<Next<'a>>, Doubt> {
        let Some(directive) = self.scope.declared("try_files").first() else {
            return Ok(None);
        };
        let Some((last, files)) = directive.arguments.split_last() else {
            return Ok(None);
        };
        let span = Some(directive.span);
        let Some(root) = self.root()? else {
            return Ok(Some(Next::Status(500)));
        };
        for word in files {
            self.count()?;
            let (name, wanted) = match word.text.strip_suffix('/') {
                Some(name) => (name, Entry::Folder),
                None => (word.text.as_str(), Entry::File),
            };
            let name = self.tried(word, name, root.kind)?;
            let path = format!("{}{name}", root.text);
            if self.entry(&path, span)? != wanted {
                continue;
            }
            self.note(span, format!("{path} is there"));
            match root.kind {
                RootKind::Root => self.path = name,
                RootKind::Alias(length) => {
                    let front = self.path.get(..length).unwrap_or_default();
                    self.path = format!("{front}{name}");
                }
                RootKind::WholeAlias if wanted == Entry::File => {
                    self.path = name;
                    self.adds_path_to_alias = true;
                }
                RootKind::WholeAlias => {}
            }
            return Ok(None);
        }
        if let Some(status) = last.text.strip_prefix('=') {
            let status = status.parse();
            let status = status.map_err(|_| Doubt::new(span, "what try_files ends with"))?;
            self.note(span, format!("none is there: {status}"));
            return Ok(Some(Next::Status(status)));
        }
        let to = self.tried(last, &last.text, root.kind)?;
        self.note(span, format!("none is there: goes on with {to}"));
        if to.starts_with('@') {
            return Ok(Some(self.named_location(&to)));
        }
        let (path, args) = uri::split_args(&to);
        Ok(Some(
            self.internal_redirect(path.to_owned(), args.to_owned()),
        ))
    }

    /// A name of `try_files`. With an `alias` the name of the location is cut off, but only from
    /// names with variables: so does nginx.
    fn tried(&mut self, word: &Word, name: &str, kind: RootKind) -> Result<String, Doubt> {
        let bare = Word {
            text: name.to_owned(),
            ..word.clone()
        };
        let text = self.known(&bare)?;
        if let RootKind::Alias(length) = kind
            && name.contains('$')
            && let Some(front) = self.path.get(..length)
            && let Some(rest) = text.strip_prefix(front)
        {
            return Ok(rest.to_owned());
        }
        Ok(text)
    }

    /// The content phase where no handler answers: index, autoindex, files.
    pub(super) fn files(&mut self) -> Result<Next<'a>, Doubt> {
        self.refuse(&["random_index", "dav_methods"])?;
        let is_folder = self.path.ends_with('/');
        let method = self.method.clone();
        if is_folder
            && matches!(method.as_str(), "GET" | "HEAD" | "POST")
            && let Some(next) = self.index()?
        {
            return Ok(next);
        }
        if is_folder
            && matches!(method.as_str(), "GET" | "HEAD")
            && self.scope.flag("autoindex") == Some(true)
        {
            return self.listing();
        }
        if !matches!(method.as_str(), "GET" | "HEAD" | "POST") {
            return Ok(Next::Status(405));
        }
        if is_folder {
            let directive = self.scope.one("index").map(|index| index.span);
            self.note(
                directive,
                format!("no index in {}, and no listing", self.path),
            );
            return Ok(Next::Status(403));
        }
        self.file()
    }

    /// [ngx_http_index_module](https://nginx.org/en/docs/http/ngx_http_index_module.html).
    fn index(&mut self) -> Result<Option<Next<'a>>, Doubt> {
        let directives = self.scope.effective("index").directives;
        let span = directives.first().map(|directive| directive.span);
        let words: Vec<&Word> = directives.iter().flat_map(|one| &one.arguments).collect();
        let mut names = Vec::new();
        for word in words {
            names.push(self.known(word)?);
        }
        if names.is_empty() {
            names.push("index.html".to_owned());
        }
        let mut is_tested = false;
        for name in names {
            self.count()?;
            if name.starts_with('/') {
                let args = self.args.clone();
                return Ok(Some(self.internal_redirect(name, args)));
            }
            let Some(folder) = self.file_path()? else {
                return Ok(Some(Next::Status(500)));
            };
            let path = format!("{folder}{name}");
            if self.entry(&path, span)? != Entry::Missing {
                self.note(span, format!("{path} is the index"));
                let (path, args) = (format!("{}{name}", self.path), self.args.clone());
                return Ok(Some(self.internal_redirect(path, args)));
            }
            if !is_tested {
                let bare = folder.strip_suffix('/').unwrap_or(&folder);
                match self.entry(bare, span)? {
                    Entry::Folder => {}
                    // An `alias` without a slash at its end leads to a file.
                    Entry::File if bare == folder => return Ok(Some(Next::Status(500))),
                    Entry::Missing | Entry::File => return Ok(Some(Next::Status(404))),
                }
                is_tested = true;
            }
        }
        Ok(None)
    }

    fn listing(&mut self) -> Result<Next<'a>, Doubt> {
        let Some(folder) = self.file_path()? else {
            return Ok(Next::Status(500));
        };
        // nginx cuts the last character off, whatever it is.
        let mut bare = folder.clone();
        bare.pop();
        let directive = self.scope.one("autoindex");
        let span = directive.map(|directive| directive.span);
        match self.entry(&bare, span)? {
            Entry::Folder => {}
            Entry::Missing | Entry::File => return Ok(Next::Status(404)),
        }
        self.note(span, format!("lists {folder}"));
        self.content_type = Some(match self.scope.value("autoindex_format") {
            Some("html") => Text::from("text/html"),
            Some("json") => Text::from("application/json"),
            Some("xml") => Text::from("text/xml"),
            _ => Text::not_known("the format of the listing"),
        });
        Ok(Next::Send(Content {
            status: Some(200),
            body: Body::Listing(folder),
            length: Length::Chunked,
            is_file: false,
        }))
    }

    fn file(&mut self) -> Result<Next<'a>, Doubt> {
        let Some(path) = self.file_path()? else {
            self.note(None, "an alias in a location whose path was rewritten");
            return Ok(Next::Status(500));
        };
        let root = self
            .scope
            .effective("root")
            .directives
            .last()
            .map(|root| root.span);
        let entry = (self.world.entry)(&path);
        match entry {
            Some(Entry::Missing) => {
                self.note(root, format!("{path} is not there"));
                return Ok(Next::Status(404));
            }
            Some(Entry::Folder) => {
                let mut to = uri::escape(&self.path, Escape::Path);
                to.push('/');
                if !self.args.is_empty() {
                    to = format!("{to}?{}", self.args);
                }
                self.note(root, format!("{path} is a folder"));
                self.redirect_to(to.into(), None);
                return Ok(Next::Status(301));
            }
            Some(Entry::File) if self.method == "POST" => return Ok(Next::Status(405)),
            Some(Entry::File) => {}
            None => self.doubts.push(Doubt::new(
                root,
                format!("whether {path} exists; this is the answer if it does"),
            )),
        }
        if self.scope.value("gzip_static") != Some("off") && self.accepts_gzip() {
            self.refuse(&["gzip_static"])?;
        }
        self.note(root, format!("sends {path}"));
        self.set_content_type()?;
        if self.scope.flag("etag") != Some(false) {
            let value = Text::not_known("the time and size of the file");
            self.out.push(Header::new("ETag", value));
        }
        Ok(Next::Send(Content {
            status: entry.map(|_| 200),
            body: Body::File(path),
            length: Length::Sent,
            is_file: true,
        }))
    }

    /// Where the path leads on the disk, as `ngx_http_map_uri_to_path`; `None` where nginx refuses.
    pub(super) fn file_path(&mut self) -> Result<Option<String>, Doubt> {
        let Some(root) = self.root()? else {
            return Ok(None);
        };
        let rest = match root.kind {
            RootKind::Root => self.path.as_str(),
            RootKind::Alias(length) => self.path.get(length..).unwrap_or_default(),
            RootKind::WholeAlias if self.adds_path_to_alias => self.path.as_str(),
            RootKind::WholeAlias => "",
        };
        Ok(Some(format!("{}{rest}", root.text)))
    }

    /// `$document_root`.
    pub(super) fn root_text(&mut self) -> Text {
        match self.root() {
            Ok(Some(root)) => Text::Known(root.text),
            Ok(None) => Text::not_known("the root of a path that was rewritten"),
            Err(doubt) => Text::not_known(doubt.reason),
        }
    }

    /// The `Content-Type` that the extension of the path has:
    /// [types](https://nginx.org/en/docs/http/ngx_http_core_module.html#types).
    pub(super) fn set_content_type(&mut self) -> Result<(), Doubt> {
        if self.content_type.is_some() {
            return Ok(());
        }
        let extension = uri::extension(&self.path).to_ascii_lowercase();
        let types = self.scope.effective("types");
        if let Some(gap) = types.gap {
            self.content_type = Some(Text::not_known("the types that an include holds"));
            self.doubts
                .push(Doubt::new(Some(gap), "the types of files"));
            return Ok(());
        }
        // A block inside of a block adds to it; the last one to name an extension wins.
        let mut found = None;
        for block in &types.directives {
            for entry in block.directives() {
                if entry
                    .texts()
                    .any(|text| text.eq_ignore_ascii_case(&extension))
                {
                    found = Some(entry.name.text.clone());
                }
            }
        }
        let is_default = types.directives.is_empty();
        let built_in = match extension.as_str() {
            "html" => Some("text/html"),
            "gif" => Some("image/gif"),
            "jpg" => Some("image/jpeg"),
            _ => None,
        };
        let found = found.or_else(|| built_in.filter(|_| is_default).map(str::to_owned));
        let found = found.filter(|_| !extension.is_empty());
        self.content_type = Some(match found {
            Some(found) => Text::Known(found),
            None => match self
                .scope
                .one("default_type")
                .and_then(|one| one.arguments.first())
            {
                Some(word) if word.is_known => Text::Known(word.text.clone()),
                Some(_) => Text::not_known("the default type"),
                None => Text::from("text/plain"),
            },
        });
        Ok(())
    }

    fn root(&mut self) -> Result<Option<Root>, Doubt> {
        let effective = self.scope.effective("root");
        let Some(directive) = effective.directives.last().copied() else {
            return Ok(Some(Root {
                text: "html".to_owned(),
                kind: RootKind::Root,
            }));
        };
        let Some(word) = directive.arguments.first() else {
            return Ok(None);
        };
        let text = self.known(word)?;
        if directive.is("root") {
            // A slash at the end of what is written goes; one that a variable brings stays.
            let text = match word.text.ends_with('/') {
                true => text.strip_suffix('/').unwrap_or(&text).to_owned(),
                false => text,
            };
            return Ok(Some(Root {
                text,
                kind: RootKind::Root,
            }));
        }
        if !self.is_location_valid {
            return Ok(None);
        }
        let owner = self
            .scope
            .chain()
            .find(|scope| scope.level() == Level::Location && !scope.declared("alias").is_empty());
        let kind = match owner.and_then(|owner| owner.matcher()) {
            Some(Matcher::Regex { .. }) => RootKind::WholeAlias,
            Some(matcher) => RootKind::Alias(matcher.text().len()),
            None => RootKind::WholeAlias,
        };
        Ok(Some(Root { text, kind }))
    }

    fn entry(&mut self, path: &str, span: Option<Span>) -> Result<Entry, Doubt> {
        (self.world.entry)(path).ok_or_else(|| Doubt::new(span, format!("whether {path} exists")))
    }
}
