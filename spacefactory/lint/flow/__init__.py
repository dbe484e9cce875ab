"""Follows values through an app's own files, without running them, to tell what the answer of /generate comes from.

An abstract interpreter: a value is a set of tags that say where it comes from. It walks statements in order, joins
branches, follows calls into functions and classes of the app, and knows libraries by the kind of their names. Where it
cannot know, a value is `unknown`, and rules stay silent.
"""
