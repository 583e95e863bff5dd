//! Writes a file anew, with each change beside what it changes. Knows no syntax: `place` has found what to choose where.

use crate::place::{self, Places};
use crate::{Change, Genre, Position};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// What can be chosen in one place: the numbers of the changes there, with what each makes of it.
#[derive(Default)]
struct Choice {
    /// Instead of an expression.
    texts: Vec<(usize, String)>,
    /// Before the first statement of a function.
    returns: Vec<(usize, String)>,
    /// A match arm that is not there, by a guard.
    without: Option<usize>,
    /// Of a field whose value is written as its name alone.
    name: Option<String>,
}

/// By the first byte and the one behind the last: of those that begin together the longest, which has the others in it, is
/// first.
type Choices = BTreeMap<(usize, Reverse<usize>), Choice>;

/// The file's new text, and the numbers of those for which there is no place.
pub fn weave(text: &str, changes: &[(usize, &Change)]) -> syn::Result<(String, Vec<usize>)> {
    let places = place::find(text)?;
    let lines = starts_of_lines(text);
    let offset = |position: &Position| {
        let line = lines[position.line - 1];
        line + text[line..].chars().take(position.column - 1).map(char::len_utf8).sum::<usize>()
    };
    let mut choices = Choices::new();
    let mut impossible = Vec::new();
    for &(number, change) in changes {
        let bytes = offset(&change.span.start)..offset(&change.span.end);
        if add(&mut choices, &places, text, number, change, bytes).is_none() {
            impossible.push(number);
        }
    }
    let choices = choices.iter().map(|(&(start, Reverse(end)), choice)| (start..end, choice)).collect();
    let writer = Writer { text, choices };
    // What is inlined wherever it is called would come as often as what calls it does: the copies of copies.
    Ok((writer.written(0..text.len(), 0).replace("#[inline(always)]", ""), impossible))
}

fn starts_of_lines(text: &str) -> Vec<usize> {
    [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Puts it where it is chosen; none where nothing can be.
fn add(
    choices: &mut Choices,
    places: &Places,
    text: &str,
    number: usize,
    change: &Change,
    at: Range<usize>,
) -> Option<()> {
    match change.genre {
        // One `impl Iterator` is one type.
        Genre::FnValue if change.replacement.contains("::std::iter::") => return None,
        Genre::FnValue => {
            let body = places.bodies.get(&at.start)?;
            choice(choices, body).returns.push((number, change.replacement.clone()));
        }
        Genre::BinaryOperator | Genre::UnaryOperator => {
            let whole = places.operators.get(&at.start)?;
            let changed = format!("{}{}{}", &text[whole.start..at.start], change.replacement, &text[at.end..whole.end]);
            syn::parse_str::<syn::Expr>(&changed).ok()?;
            choice(choices, whole).texts.push((number, changed));
        }
        Genre::MatchArmGuard => choice(choices, &at).texts.push((number, change.replacement.clone())),
        Genre::MatchArm => match places.arms.get(&at.start)? {
            (_, Some(guard)) => choice(choices, guard).without = Some(number),
            (end, None) => choice(choices, &(*end..*end)).without = Some(number),
        },
        Genre::StructField => {
            let field = places.fields.get(&at.start)?;
            let choice = choice(choices, &field.value);
            choice.texts.push((number, format!("({}).{}", &text[field.others.clone()], field.name)));
            choice.name = field.is_short.then(|| field.name.clone());
        }
    }
    Some(())
}

fn choice<'a>(choices: &'a mut Choices, bytes: &Range<usize>) -> &'a mut Choice {
    choices.entry((bytes.start, Reverse(bytes.end))).or_default()
}

struct Writer<'a> {
    text: &'a str,
    choices: Vec<(Range<usize>, &'a Choice)>,
}

impl Writer<'_> {
    /// That part of the text, with the choices inside it, those before `next` left out.
    fn written(&self, bytes: Range<usize>, mut next: usize) -> String {
        let mut written = String::new();
        let mut at = bytes.start;
        while let Some((place, choice)) = self.choices.get(next).filter(|(place, _)| place.start < bytes.end) {
            written += &self.text[at..place.start];
            written += &chosen(choice, &self.written(place.clone(), next + 1));
            at = place.end;
            next += 1;
            while self.choices.get(next).is_some_and(|(inner, _)| inner.start < at) {
                next += 1;
            }
        }
        written + &self.text[at..bytes.end]
    }
}

/// Comments say which text is whose, so that what a compiler says can be told apart.
fn chosen(choice: &Choice, otherwise: &str) -> String {
    let mark = |number: usize, text: &str| format!("/*<{number}*/ {text} /*{number}>*/");
    let made = |number: usize| format!("crate::switch::made({number})");
    let mut written = String::new();
    for (number, value) in &choice.returns {
        written += &format!("if {} {{ {} }} ", made(*number), mark(*number, &format!("return {value};")));
    }
    let mut expression = otherwise.to_owned();
    if !choice.texts.is_empty() {
        expression = choice.name.iter().map(|name| format!("{name}: ")).collect::<String>() + "(";
        for (number, text) in &choice.texts {
            expression += &format!("if {} {{ {} }} else ", made(*number), mark(*number, text));
        }
        expression += &format!("{{ {otherwise} }})");
    }
    match choice.without {
        Some(number) if otherwise.is_empty() => {
            written += &format!(" if {}", mark(number, &format!("!{}", made(number))))
        }
        Some(number) => written += &format!("{} && ({expression})", mark(number, &format!("!{}", made(number)))),
        None => written += &expression,
    }
    written
}
