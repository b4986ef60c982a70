//! Every message that the macros can give has a case that shows it.

use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprCall, ExprLit, ExprMethodCall, ItemFn, ItemImpl, ItemMod, Lit, Local, Meta, Pat, Token,
};

/// A text that users may see, and where it is in the sources.
#[derive(Debug, PartialEq)]
struct Message {
    place: String,
    /// What stands between the places that are filled in.
    parts: Vec<String>,
}

/// Collects the messages of one file.
struct Messages<'a> {
    file: &'a str,
    /// Texts that were bound to a name, in the order of the source.
    bound: Vec<(String, String)>,
    found: Vec<Message>,
    /// Messages whose text is not in the source where the mistake is reported.
    unknown: Vec<String>,
    /// Whether errors that the code makes are messages of macros; otherwise only attributes are looked at.
    errors: bool,
}

impl<'a> Messages<'a> {
    fn of(file: &'a str, source: &str, errors: bool) -> Messages<'a> {
        let mut messages = Messages { file, bound: Vec::new(), found: Vec::new(), unknown: Vec::new(), errors };
        messages.visit_file(&syn::parse_file(source).expect("the sources of the crates are valid"));
        messages
    }

    fn add(&mut self, line: usize, text: &str) {
        self.found.push(Message { place: format!("{}:{line}", self.file), parts: parts(text) });
    }

    /// Takes the text of a message that is given as `expression`.
    fn take(&mut self, expression: &Expr) {
        if !self.errors {
            return;
        }
        let line = syn::spanned::Spanned::span(expression).start().line;
        let bound = |name: &syn::Ident| self.bound.iter().rev().find(|(bound, _)| name == bound);
        let text = match expression {
            Expr::Path(path) => path.path.get_ident().and_then(bound).map(|(_, text)| text.clone()),
            other => text(other),
        };
        match text {
            Some(text) => self.add(line, &text),
            None => self.unknown.push(format!("{}:{line}", self.file)),
        }
    }
}

/// A string, or the first argument of `format!`.
fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Macro(call) if call.mac.path.is_ident("format") => {
            let arguments = call.mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated).ok()?;
            text(arguments.first()?)
        }
        _ => None,
    }
}

/// The parts of a format string that do not depend on what is filled in.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '{' => {
                inside = true;
                parts.push(String::new());
            }
            '}' => inside = false,
            c if !inside => parts.last_mut().into_iter().for_each(|part| part.push(c)),
            _ => {}
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => attribute.path().is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl Visit<'_> for Messages<'_> {
    fn visit_item_mod(&mut self, item: &ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &ItemImpl) {
        // The functions that collect mistakes pass on the messages that they are given.
        let collects = matches!(&*item.self_ty, syn::Type::Path(ty) if ty.path.is_ident("Errors"));
        if !collects {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_local(&mut self, local: &Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && let Some(text) = text(&init.expr)
        {
            self.bound.push((name.ident.to_string(), text));
        }
        visit::visit_local(self, local);
    }

    // errors.push(token, message), input.error(message)
    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        match (call.method.to_string().as_str(), call.args.len()) {
            ("push", 2) => self.take(&call.args[1]),
            ("error", 1) => self.take(&call.args[0]),
            _ => {}
        }
        visit::visit_expr_method_call(self, call);
    }

    // Error::new(span, message), Error::new_spanned(token, message)
    fn visit_expr_call(&mut self, call: &ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let (function, ty) = (segments.next(), segments.next());
            let makes_error =
                matches!(function.as_deref(), Some("new" | "new_spanned")) && ty.as_deref() == Some("Error");
            if makes_error && call.args.len() == 2 {
                self.take(&call.args[1]);
            }
        }
        visit::visit_expr_call(self, call);
    }

    // #[diagnostic::on_unimplemented(message = "…", label = "…", note = "…")]
    fn visit_attribute(&mut self, attribute: &Attribute) {
        let last = attribute.path().segments.last();
        if last.is_some_and(|segment| segment.ident == "on_unimplemented")
            && let Ok(options) = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        {
            let line = syn::spanned::Spanned::span(attribute).start().line;
            for option in &options {
                match option {
                    Meta::NameValue(option) if text(&option.value).is_some() => {
                        let text = text(&option.value).unwrap_or_default();
                        self.add(line, &text);
                    }
                    _ => self.unknown.push(format!("{}:{line}", self.file)),
                }
            }
        }
    }
}

/// Whether one line has all parts of the message, one after the other.
fn shows(shown: &str, message: &Message) -> bool {
    shown.lines().any(|line| {
        let mut rest = line;
        message.parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(start) => {
                rest = &rest[start + part.len()..];
                true
            }
            None => false,
        })
    })
}

/// All files below `folder` that end in `extension`.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_message_has_a_case() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = own.join("../..");
    let shown: String = files(own, "stderr").iter().map(|path| read(path)).collect();
    let (mut messages, mut unknown) = (Vec::new(), Vec::new());
    for folder in ["hooks-macros/src", "hooks/src"] {
        for path in files(&root.join(folder), "rs") {
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            // In the crate `hooks`, errors are made at run time; what the compiler shows is in attributes.
            let mut of_file = Messages::of(&name, &read(&path), folder == "hooks-macros/src");
            messages.append(&mut of_file.found);
            unknown.append(&mut of_file.unknown);
        }
    }
    assert!(messages.len() > 70, "only {} messages were found: the search no longer fits the sources", messages.len());
    assert!(unknown.is_empty(), "the text of these messages is not where they are reported: {unknown:#?}");
    let missing: Vec<_> = messages.iter().filter(|message| !shows(&shown, message)).collect();
    assert!(missing.is_empty(), "no case in tests/ui/*/fail shows these messages: {missing:#?}");
}

#[test]
fn a_message_without_a_case_is_found() {
    let source = r#"
        fn check(input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
            errors.push(name, format!("`{name}` is new; write `{}`", other));
            errors.add(syn::Error::new(span, "also new"));
            let message = "bound to a name";
            errors.add(Error::new_spanned(&token, message));
            list.push(1);
            Err(input.error(elsewhere()))
        }
        #[diagnostic::on_unimplemented(message = "`{Self}` is not", note = "write `{T}`")]
        trait Is<T> {}
    "#;
    let Messages { found, unknown, .. } = Messages::of("file.rs", source, true);
    let parts: Vec<Vec<&str>> = found.iter().map(|found| found.parts.iter().map(String::as_str).collect()).collect();
    let expected: [&[&str]; 5] =
        [&["`", "` is new; write `", "`"], &["also new"], &["bound to a name"], &["`", "` is not"], &["write `", "`"]];
    assert_eq!(parts, expected);
    assert_eq!(unknown, ["file.rs:8"]);
    assert!(shows("error: `count` is new; write `total`\n", &found[0]));
    assert!(!shows("error: `count` is new;\n write `total`\n", &found[0]));
    assert!(!shows("error: also old\n", &found[1]));
}
