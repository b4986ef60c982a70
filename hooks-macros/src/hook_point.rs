//! `#[hook_point]`: a function whose body is the step that SKIP leaves out.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Ident, PatType, Path, Result, ReturnType, Type};

use crate::errors::{Errors, with_item};
use crate::function::{self, Function, after_mistake, is_marker};
use crate::options::{CratePath, Options};
use crate::point::{self, Argument, Mode, Names, Point};
use crate::statuses::StatusList;

/// Expands the attribute; on an error the function stays as it is.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(attribute, item.clone()).unwrap_or_else(|error| with_item(&error, after_mistake(item)))
}

/// Where the hook point comes from.
enum Source<'a> {
    Declared(&'a Path),
    Own(&'a StatusList),
}

fn try_expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(attribute, "`crate = path`, `statuses = […]` or `on_failure = …`")?;
    let mut function = Function::parse(item, "hook_point")?;
    let mut errors = Errors::default();
    let source = source(&options, &mut errors);
    check_signature(&function, &mut errors);
    let handle = handle(&function, &mut errors);
    let arguments = arguments(&function, &mut errors);
    let own = match source {
        Some(Source::Own(statuses)) => Some(own_point(&function, &arguments, statuses, &options, &mut errors)),
        _ => None,
    };
    errors.finish()?;
    let (Some(source), Some(handle)) = (source, handle) else { return Ok(quote!(#function)) };
    let krate = options.crate_path();
    let call = match (source, own) {
        (Source::Own(_), Some(point)) => call_own(&point, &handle, &krate),
        (Source::Declared(path), _) => call_declared(path, &arguments, &handle, &krate),
        (Source::Own(_), None) => TokenStream::new(),
    };
    rewrite(&mut function, &call, &krate);
    Ok(quote!(#function))
}

fn source<'a>(options: &'a Options, errors: &mut Errors) -> Option<Source<'a>> {
    if let Some(command) = &options.command {
        errors.push(command, "commands are handled by callouts: `#[callout(command = \"command-name\")]`");
    }
    if let Some(manual) = &options.manual {
        errors.push(manual, "`manual` is for callouts that their plugin registers itself: `#[callout(path, manual)]`");
    }
    if let Some(compatible) = &options.multi_threading_compatible {
        let message = "this is said of a plugin: `#[hooks::plugin(multi_threading_compatible = false)]`";
        errors.push(compatible, message);
    }
    if let Some(name) = &options.name {
        errors.push(name, "a hook point is named as its function; leave `name` out");
    }
    match (&options.point, &options.statuses) {
        (Some(path), None) => {
            if let Some(on_failure) = &options.on_failure {
                errors.push(on_failure, "what a failing callout counts as is said where the hook point is declared");
            }
            Some(Source::Declared(path))
        }
        (None, Some(statuses)) => Some(Source::Own(statuses)),
        (Some(path), Some(_)) => {
            errors.push(path, "the statuses of a declared hook point are in its declaration; leave one of the two out");
            None
        }
        (None, None) => {
            let message = "which hook point? Write `#[hook_point(path::to::declared_hook_point)]`, or \
                           `#[hook_point(statuses = [Continue, Skip, Drop])]` for one of the function's own";
            errors.add(syn::Error::new(Span::call_site(), message));
            None
        }
    }
}

fn check_signature(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    function.refuse_generics("a hook point", errors);
    if let Some(constness) = &signature.constness {
        errors.push(constness, "a hook point cannot be `const`, because its callouts are only known at run time");
    }
    if let Some(variadic) = &signature.variadic {
        errors.push(variadic, "a hook point has a fixed list of arguments; leave `...` out");
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::ImplTrait(ty) = function::bare(ty)
    {
        errors.push(ty, "the result is wrapped in a `Step`, so its type must have a name; box it");
    }
}

/// The parameters with a name, those marked `#[not_argument]` left out.
fn named(function: &Function) -> impl Iterator<Item = &PatType> {
    function.signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    })
}

fn is_handle(parameter: &PatType) -> bool {
    function::reference(&parameter.ty).is_some_and(|reference| function::is_named(&reference.elem, "CalloutHandle"))
}

fn handle(function: &Function, errors: &mut Errors) -> Option<Ident> {
    let Some(parameter) = named(function).find(|parameter| is_handle(parameter)) else {
        let message = "a hook point needs the request's handle: add the parameter `handle: &mut CalloutHandle`";
        errors.push(&function.signature.ident, message);
        return None;
    };
    if function::reference(&parameter.ty).is_some_and(|reference| reference.mutability.is_none()) {
        errors.push(
            &parameter.ty,
            "callouts are called through the handle, which takes `&mut`: write `&mut CalloutHandle`",
        );
    }
    let name = function::name_of(&parameter.pat);
    if name.is_none() {
        errors.push(&parameter.pat, "callouts are called through the handle, so it needs a name: write `handle`");
    }
    name.cloned()
}

fn arguments(function: &Function, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for parameter in named(function) {
        if is_handle(parameter) || parameter.attrs.iter().any(is_marker) {
            continue;
        }
        function::refuse_conditions(&parameter.attrs, errors);
        match function::name_of(&parameter.pat) {
            Some(name) => arguments.push(point::argument(Vec::new(), name, &parameter.ty, true, errors)),
            None => errors.push(
                &parameter.pat,
                "an argument is known by its name; write `name: Type` and take the value apart in the body",
            ),
        }
    }
    arguments
}

fn own_point(
    function: &Function,
    arguments: &[Argument],
    statuses: &StatusList,
    options: &Options,
    errors: &mut Errors,
) -> Point {
    let name = function.signature.ident.clone();
    point::check_name(&name, errors);
    let statuses = statuses.check(options.on_failure.as_ref(), errors);
    if let Some((park, _)) = statuses.honoured.iter().find(|(_, number)| *number == 3) {
        errors.push(park, "a function cannot honour PARK, because nobody could run its body later; declare the hook point and use `call`");
    }
    let copy = |argument: &Argument| Argument {
        attributes: Vec::new(),
        name: argument.name.clone(),
        mode: argument.mode,
        ty: argument.ty.clone(),
    };
    let attributes = function.attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect();
    Point { attributes, name, arguments: arguments.iter().map(copy).collect(), statuses }
}

/// How the argument struct gets an argument from the parameter of that name.
fn field(argument: &Argument) -> TokenStream {
    let Argument { name, mode, .. } = argument;
    match mode {
        Mode::Mut => quote!(#name: &mut *#name),
        Mode::Value | Mode::Ref => quote!(#name),
    }
}

fn call_declared(path: &Path, arguments: &[Argument], handle: &Ident, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let fields = arguments.iter().map(field);
    // All of it stands on the path, so that an argument that is missing and a hook point that honours PARK are reported there.
    let place = Span::call_site().located_at(path.span());
    let next_step = quote_spanned!(place=> #private::FunctionAnswer::next_step);
    quote_spanned!(place=> #next_step(#path::call(&mut *#handle, || #path::Args { #(#fields),* })))
}

fn call_own(point: &Point, handle: &Ident, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let names = Names::in_function();
    let items = point::expand_in_function(point, &names, krate);
    let args = &names.args;
    let fields = point.arguments.iter().map(field);
    quote! {{
        #items
        #private::FunctionAnswer::next_step(call(&mut *#handle, || #args { #(#fields),* }))
    }}
}

/// Wraps the result's type in `Step` and the body in the decision.
fn rewrite(function: &mut Function, call: &TokenStream, krate: &CratePath) {
    let private = krate.private();
    let signature = &mut function.signature;
    for input in &mut signature.inputs {
        if let FnArg::Typed(parameter) = input {
            parameter.attrs.retain(|attribute| !is_marker(attribute));
        }
    }
    let result = match &signature.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let output: TokenStream = quote!(-> #private::Step<#result>);
    match syn::parse2(output) {
        Ok(output) => signature.output = output,
        Err(_) => return,
    }
    let body = &function.body;
    let done = if signature.asyncness.is_some() {
        quote!(#private::future_of::<#result, _>(async move #body).await)
    } else {
        quote!(#private::result_of(move || -> #result #body))
    };
    function.body = quote! {{
        match #call {
            #private::NextStep::Skip => #private::Step::Skipped,
            #private::NextStep::Drop => #private::Step::Dropped,
            _ => #private::Step::Done(#done),
        }
    }};
}
