/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of fields: what a YAML map may hold, described once.
 *
 * A row names a key, its type, where its value goes in a C struct, and one sentence
 * about it.  The same rows decode the map, suggest a correction for a misspelled
 * key, generate the editor's JSON Schema (doc/schema.h) and the key lists of the
 * manual.
 *
 * Values that a later check may report keep their location: struct name.
 */
#pragma once

#include "doc/yaml.h"

/* Text and its location.  s.p is NULL when the key was absent. */
struct name {
	struct str s;
	struct loc at;
};

/* A list of them; a single scalar also fills it, so that one needs no brackets. */
struct names {
	const struct name *v;
	size_t n;
	struct loc at;
};

/* A number and its location; at.line is 0 when the key was absent. */
struct number {
	uint64_t n;
	struct loc at;
};

struct flag {
	bool on;
	struct loc at;
};

struct record;

/* The context of decode functions. */
struct decode {
	struct arena *arena;
	struct diag *diag;
	void *ctx; /* the caller's */
};

/* Decodes a value that no other type describes; reports into d->diag. */
typedef void decode_fn(struct decode *d, const struct node *n, void *into);

enum field_type {
	FIELD_TEXT,       /* struct name: any text that is not empty */
	FIELD_NAME,       /* struct name: letters, digits, . _ - */
	FIELD_NAMES,      /* struct names, each a FIELD_NAME */
	FIELD_TEXTS,      /* struct names, each a FIELD_TEXT */
	FIELD_FLAG,       /* struct flag */
	FIELD_NUMBER,     /* struct number, between min and max */
	FIELD_CHOICE,     /* struct number: an index into choices */
	FIELD_RECORD,     /* the nested struct itself, by record */
	FIELD_RECORDS,    /* struct records: a list of maps */
	FIELD_RECORD_MAP, /* struct records: a map from names to maps; see record->key_offset */
	FIELD_CUSTOM,     /* decode() */
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	bool required;
	uint64_t min, max;
	const char *const *choices;
	size_t n_choices;
	const struct record *record;
	decode_fn *decode;
	const char *schema; /* FIELD_CUSTOM: its JSON Schema, as JSON */
	const char *help;   /* one sentence for the manual */
	const char *wrong;  /* words that people write for the key: "ip addr"; NULL: none */
};

struct record {
	const char *what; /* "a host", for messages */
	size_t size;
	const struct field *fields;
	size_t n_fields;
	size_t key_offset; /* FIELD_RECORD_MAP: a struct name that takes the map's key */
	size_t at_offset;  /* a struct loc that receives the location of the whole; SIZE_MAX: none */
};

#define NO_OFFSET SIZE_MAX

/* An array of decoded structs, each record->size long, in the order of the file. */
struct records {
	void *v;
	size_t n;
	struct loc at;
};

/*
 * Decodes a map into a zeroed struct.  Reports every key that is unknown,
 * missing or of the wrong type, and decodes the rest.  False when it reported.
 */
bool record_decode(struct decode *d, const struct record *r, const struct node *n, void *into);

/* For custom decoders; false after an error. */
bool decode_text(struct decode *d, const struct node *n, struct name *ret);
bool decode_name(struct decode *d, const struct node *n, struct name *ret);
bool decode_texts(struct decode *d, const struct node *n, struct names *ret); /* one or a list */
