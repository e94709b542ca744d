#include "darajasim/draw.h"

/* The finisher of splitmix64. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t draw(uint64_t seed, uint64_t number, unsigned purpose)
{
	const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);

	return mix(mix(mix(seed + step) + step * (number + 1)) + step * (purpose + 1u));
}

unsigned draw_below(uint64_t seed, uint64_t number, unsigned purpose, unsigned below)
{
	return (unsigned)(draw(seed, number, purpose) % below);
}
