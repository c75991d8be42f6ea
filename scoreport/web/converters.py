"""Parts of addresses that several areas share; importing this registers them."""

from django.urls import register_converter


class NumberConverter:
    """The number of something stored: never more than a database can hold."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")
