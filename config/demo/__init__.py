"""The demo: two offices that do business. Everything below happens through the operations of the product.

Comes in: the sample files and today's date. Decides: who calls whom on which day. Leaves: about 75 lived days.
"""
