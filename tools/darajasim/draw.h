#ifndef DARAJASIM_DRAW_H
#define DARAJASIM_DRAW_H

#include <stdint.h>

/*
 * Chance without a stream: a number is a function of the seed, the request's number and what it is drawn
 * for. So the n-th request meets the same luck in every run, whatever else was drawn before.
 */
enum draw_for {
	DRAW_PERCENT, /* + the rule's number, up to 1023 */
	DRAW_IDS = 1024,
	DRAW_SHAPE,
	DRAW_ORDER,
	DRAW_TOKEN,
	DRAW_SPIKE,
	DRAW_PLACEHOLDER,
};

uint64_t draw(uint64_t seed, uint64_t number, unsigned purpose);
/* 0 ... below - 1. */
unsigned draw_below(uint64_t seed, uint64_t number, unsigned purpose, unsigned below);

#endif
