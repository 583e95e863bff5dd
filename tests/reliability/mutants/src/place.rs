//! Where in a file a change can be chosen while the program runs, found by syn. Knows no change.

use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

type Bytes = Range<usize>;

/// By where what changes begins. What is computed at compile time is not among them.
#[derive(Default)]
pub struct Places {
    /// Operators, each with the whole expression: as far as precedence may join it to others.
    pub operators: BTreeMap<usize, Bytes>,
    /// First statements of functions.
    pub bodies: BTreeMap<usize, Bytes>,
    /// Match arms: where their pattern ends, and what guards them.
    pub arms: BTreeMap<usize, (usize, Option<Bytes>)>,
    pub fields: BTreeMap<usize, Field>,
}

/// Of a struct expression with a base.
pub struct Field {
    pub name: String,
    pub value: Bytes,
    /// Written as its name alone.
    pub is_short: bool,
    /// What the fields come from that are not written.
    pub others: Bytes,
}

/// Of a file.
pub fn find(text: &str) -> syn::Result<Places> {
    let mut finder = Finder { places: Places::default(), whole: None, at_compile_time: 0 };
    finder.visit_file(&syn::parse_file(text)?);
    Ok(finder.places)
}

struct Finder {
    places: Places,
    /// The outermost expression of operators that the one at hand is joined to.
    whole: Option<Bytes>,
    at_compile_time: usize,
}

impl Finder {
    fn operator(&mut self, operator: &impl Spanned) {
        if let (Some(whole), 0) = (&self.whole, self.at_compile_time) {
            self.places.operators.insert(operator.span().byte_range().start, whole.clone());
        }
    }

    fn body(&mut self, is_const: bool, block: &syn::Block, visit: impl FnOnce(&mut Self)) {
        let whole = self.whole.take();
        self.at_compile_time += usize::from(is_const);
        if let (Some(first), Some(last), 0) = (block.stmts.first(), block.stmts.last(), self.at_compile_time) {
            let bytes = first.span().byte_range().start..last.span().byte_range().end;
            self.places.bodies.insert(bytes.start, bytes);
        }
        visit(self);
        self.at_compile_time -= usize::from(is_const);
        self.whole = whole;
    }

    fn at_compile_time(&mut self, visit: impl FnOnce(&mut Self)) {
        self.at_compile_time += 1;
        visit(self);
        self.at_compile_time -= 1;
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        let before = self.whole.clone();
        match expr {
            syn::Expr::Binary(_) | syn::Expr::Unary(_) if self.whole.is_none() => {
                self.whole = Some(expr.span().byte_range());
            }
            syn::Expr::Binary(_) | syn::Expr::Unary(_) | syn::Expr::Cast(_) => (),
            _ => self.whole = None,
        }
        match expr {
            syn::Expr::Binary(binary) => self.operator(&binary.op),
            syn::Expr::Unary(unary) => self.operator(&unary.op),
            syn::Expr::Struct(fields) if self.at_compile_time == 0 => {
                if let Some(rest) = &fields.rest {
                    for field in &fields.fields {
                        let name = match &field.member {
                            syn::Member::Named(name) => name.to_string(),
                            syn::Member::Unnamed(index) => index.index.to_string(),
                        };
                        let is_short = field.colon_token.is_none();
                        let (value, others) = (field.expr.span().byte_range(), rest.span().byte_range());
                        let place = Field { name, value, is_short, others };
                        self.places.fields.insert(field.span().byte_range().start, place);
                    }
                }
            }
            _ => (),
        }
        visit::visit_expr(self, expr);
        self.whole = before;
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if self.at_compile_time == 0 {
            let guard = arm.guard.as_ref().map(|(_, guard)| guard.span().byte_range());
            self.places.arms.insert(arm.span().byte_range().start, (arm.pat.span().byte_range().end, guard));
        }
        visit::visit_arm(self, arm);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.body(item.sig.constness.is_some(), &item.block, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.body(item.sig.constness.is_some(), &item.block, |finder| visit::visit_impl_item_fn(finder, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.body(item.sig.constness.is_some(), block, |finder| visit::visit_trait_item_fn(finder, item));
        }
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.at_compile_time(|finder| visit::visit_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.at_compile_time(|finder| visit::visit_item_static(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.at_compile_time(|finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.at_compile_time(|finder| visit::visit_trait_item_const(finder, item));
    }

    fn visit_expr_const(&mut self, expr: &'ast syn::ExprConst) {
        self.at_compile_time(|finder| visit::visit_expr_const(finder, expr));
    }

    fn visit_type_array(&mut self, array: &'ast syn::TypeArray) {
        self.at_compile_time(|finder| visit::visit_type_array(finder, array));
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.at_compile_time(|finder| finder.visit_expr(&repeat.len));
    }

    fn visit_generic_argument(&mut self, argument: &'ast syn::GenericArgument) {
        self.at_compile_time(|finder| visit::visit_generic_argument(finder, argument));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.at_compile_time(|finder| visit::visit_variant(finder, variant));
    }
}
