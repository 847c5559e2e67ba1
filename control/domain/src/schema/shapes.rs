//! One schema out of another: a patch of a body, a body with every field, and a body with more beside it.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{Object, ObjectBuilder, OneOfBuilder, SchemaType, Type},
};

/// A JSON Merge Patch (RFC 7396) of an object: every field may be absent, and null takes it back to its default.
pub fn patch(of: RefOr<Schema>) -> RefOr<Schema> {
    changed(of, &|object| {
        object.required.clear();
        for property in object.properties.values_mut() {
            *property = or_null(patch(property.clone()));
        }
    })
}

/// A body whose `name` need not be there, or may be empty.
pub fn unnamed(of: RefOr<Schema>) -> RefOr<Schema> {
    changed(of, &|object| {
        object.required.retain(|field| field != "name");
        if let Some(RefOr::T(Schema::Object(name))) = object.properties.get_mut("name") {
            name.min_length = None;
        }
    })
}

/// What a kind of check has beside the fields of every monitor. The derive makes a choice of one out of an object that has a
/// default: it stands in place again.
pub fn of_kind(kind: wire::Kind) -> RefOr<Schema> {
    changed(kind.schema(), &|object| {
        for property in object.properties.values_mut() {
            if let RefOr::T(Schema::OneOf(choice)) = property
                && let [only] = choice.items.as_slice()
            {
                *property = only.clone();
            }
        }
    })
}

/// The object with every field left to its default.
pub fn optional(of: RefOr<Schema>) -> RefOr<Schema> {
    changed(of, &|object| {
        object.required.clear();
        for property in object.properties.values_mut() {
            *property = optional(property.clone());
        }
    })
}

/// The object with the fields of `more` among its own, however deep. With `is_null`, what only one of them has may be null.
pub fn merged(of: RefOr<Schema>, more: RefOr<Schema>, is_null: bool) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(more)) = more else { return of };
    let alone = |property: RefOr<Schema>| if is_null { or_null(property) } else { property };
    changed(of, &|object| {
        for (name, property) in &mut object.properties {
            *property = match more.properties.get(name) {
                Some(other) => merged(property.clone(), other.clone(), is_null),
                None => alone(property.clone()),
            };
        }
        for (name, property) in more.properties.clone() {
            object.properties.entry(name).or_insert_with(|| alone(property));
        }
        let known = object.required.clone();
        object.required.extend(more.required.iter().filter(|name| !known.contains(name)).cloned());
    })
}

/// A body as it is read: null stands for a field that need not be there.
pub fn read(of: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::OneOf(mut choice)) = of {
        choice.items = choice.items.into_iter().map(read).collect();
        return RefOr::T(Schema::OneOf(choice));
    }
    changed(of, &|object| {
        for (name, property) in &mut object.properties {
            let inner = read(property.clone());
            *property = if object.required.contains(name) { inner } else { or_null(inner) };
        }
    })
}

/// The object with every field there, as answers have it.
pub fn complete(of: RefOr<Schema>) -> RefOr<Schema> {
    changed(of, &|object| {
        object.required = object.properties.keys().cloned().collect();
        for property in object.properties.values_mut() {
            *property = complete(property.clone());
        }
    })
}

/// The object with the fields of `more` behind its own.
pub fn extended(of: RefOr<Schema>, more: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(more)) = more else { return of };
    changed(of, &|object| {
        object.properties.extend(more.properties.clone());
        object.required.extend(more.required.clone());
    })
}

/// Only objects that stand in place are changed: what is referred to is somebody else's.
fn changed(of: RefOr<Schema>, change: &dyn Fn(&mut Object)) -> RefOr<Schema> {
    match of {
        RefOr::T(Schema::Object(mut object)) => {
            change(&mut object);
            object.into()
        }
        other => other,
    }
}

fn or_null(of: RefOr<Schema>) -> RefOr<Schema> {
    match of {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = nullable(object.schema_type);
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = nullable(array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::OneOf(either)) if either.items.iter().any(is_null) => RefOr::T(Schema::OneOf(either)),
        other => OneOfBuilder::new().item(null()).item(other).into(),
    }
}

fn nullable(kind: SchemaType) -> SchemaType {
    match kind {
        SchemaType::Type(one) => SchemaType::from_iter([one, Type::Null]),
        SchemaType::Array(mut several) if !several.contains(&Type::Null) => {
            several.push(Type::Null);
            SchemaType::Array(several)
        }
        other => other,
    }
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

fn is_null(item: &RefOr<Schema>) -> bool {
    matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
